import type { Client } from 'ssh2';
import type { Sessions } from './sessions.ts';

/** A connection that is up. A new one is made after every loss. */
export interface Connection {
	readonly client: Client;
	readonly sessions: Sessions;
	/** False once it was lost. */
	alive(): boolean;
}
