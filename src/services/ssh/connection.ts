import type { LoginTime } from '../host/login-time.ts';
import type { Sessions } from './sessions.ts';
import type { SshClient } from './ssh-client.ts';

/** A connection that is up. A new one is made after every loss. */
export interface Connection {
	readonly client: SshClient;
	readonly sessions: Sessions;
	readonly login: LoginTime;
	/** False once it was lost. */
	alive(): boolean;
}
