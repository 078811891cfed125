import { createComposeEngine } from '../../src/engines/compose/engine.ts';
import type { Host } from '../../src/services/host/host.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import type { WatchedEngine } from '../../src/services/instances/watched-engine.ts';

/** Compose over a connection, with a model of what runs that nothing has been read into. */
export const watchedCompose = (host: Host, target: Parameters<typeof createComposeEngine>[1]): WatchedEngine => {
	const engine = createComposeEngine(host, target);
	return { host, engine, instances: createInstanceModel(engine) };
};
