import type { Engine } from '../../engine/engine.ts';
import type { Host } from '../host/host.ts';
import type { InstanceModel } from './instance-model.ts';

/** An engine, the connection over which it is reached, and what is known of what runs. */
export interface WatchedEngine {
	readonly engine: Engine;
	readonly host: Host;
	readonly instances: InstanceModel;
}
