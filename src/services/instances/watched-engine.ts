import type { Engine } from '../../engine/engine.ts';
import type { Host } from '../host/host.ts';
import type { InstanceModel } from './instance-model.ts';

/** An engine, the connection to its host, and the model of its instances. */
export interface WatchedEngine {
	readonly engine: Engine;
	readonly host: Host;
	readonly instances: InstanceModel;
}
