import type { Engine } from '../../engine/engine.ts';
import type { Host } from '../host/host.ts';

/** An engine with the connection over which it is reached. */
export interface WatchedEngine {
	readonly engine: Engine;
	readonly host: Host;
}
