import type { Target } from '../../runbook/runbook.ts';
import type { Prompter } from '../ssh/auth-prompt.ts';
import type { KeyRing } from '../ssh/keys.ts';
import { SshHost } from '../ssh/ssh-host.ts';
import type { Host } from './host.ts';
import { LocalHost } from './local-host.ts';
import type { ProgramPlaces } from './programs.ts';

export interface OpenHostOptions {
	/** Asks the operator a question. Without this, locked keys and passwords are not used. */
	readonly ask?: Prompter;
	/** Default: the environment of this process. */
	readonly env?: NodeJS.ProcessEnv;
	/** The home folder with .ssh. Default: that of the user. */
	readonly home?: string;
	/**
	 * True: keep trying when the first connection fails because of the network, as a screen needs it. False: that failure is final, and
	 * `ready()` rejects with it. Default true.
	 */
	readonly retryFirst?: boolean;
	/** The keys of several hosts, so that a passphrase is asked for only once. Default: a ring of its own. */
	readonly keys?: KeyRing;
	/** Waits until a connection may be made; the returned function is called when it was made, or could not be. */
	readonly turn?: (signal: AbortSignal) => Promise<() => void>;
	/** Makes every change through this connection impossible. */
	readonly readOnly?: boolean;
}

/** Opens the only connection to a target. Returns at once; `ready()` resolves when the connection is up. The caller must `close()` it. */
export const openHost = (
	target: Pick<Target, 'host' | 'ssh'> & Partial<Pick<Target, 'programs'>>,
	options: OpenHostOptions = {},
): Host => {
	const host: Host = target.host === 'local' ? new LocalHost(options) : new SshHost(target, options);
	return target.programs === undefined ? host : setPrograms(host, target.programs);
};

/** Sets the locations of a host's programs. */
export const setPrograms = (host: Host, programs: ProgramPlaces): Host => Object.assign(host, { programs });
