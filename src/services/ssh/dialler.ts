import { BackoutError } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import { loadGot } from '../host/lazy-got.ts';
import { afterDrawing } from '../host/sleep.ts';
import type { Credentials } from './auth-progress.ts';
import type { Prompter } from './auth-prompt.ts';
import { findBeyondSsh2, whatOpensshCouldDo } from './beyond-ssh2.ts';
import { type Dialled, dial } from './dial.ts';
import { BeyondSsh2 } from './errors.ts';
import type { KeyRing } from './keys.ts';
import { resolveWay, routeOf, type Way } from './resolve.ts';
import { address } from './settings.ts';
import { loadSsh2 } from './ssh2.ts';

export interface DiallerOptions {
	readonly ask?: Prompter;
	readonly env?: NodeJS.ProcessEnv;
	readonly home?: string;
}

/** A connection, and the program that made it. */
export interface DialledServer {
	readonly dialled: Dialled;
	/** The server's address. */
	readonly server: string;
	/** See LinkState. */
	readonly transport: string;
}

/** A way to a host, and which part of it only OpenSSH can do. */
interface Chosen {
	readonly way: Way;
	readonly because: string | undefined;
}

/** Responses of `ssh -G`, by key ring: connections that share a key ring share them. */
const answers = new WeakMap<KeyRing, Map<string, string>>();

const opensshMissing = (host: string) =>
	new BackoutError(
		'config',
		'the target is to be reached by OpenSSH (`transport: openssh`), and no ssh is installed here',
		{
			host,
			next: 'Install the OpenSSH client, or remove `transport`.',
		},
	);

/** Makes the connections to a target, one after another, with the transport that supports the configuration. */
export class Dialler {
	readonly #target: Pick<Target, 'host' | 'ssh'>;
	readonly #options: DiallerOptions;
	readonly #credentials: Credentials;
	#chosen: Chosen | undefined;

	constructor(target: Pick<Target, 'host' | 'ssh'>, options: DiallerOptions, keys: KeyRing) {
		this.#target = target;
		this.#options = options;
		this.#credentials = { keys, passwords: new Map() };
		answers.set(keys, answers.get(keys) ?? new Map());
	}

	/** Drops ssh's configuration, so that it is read again for the next connection. */
	forget(): void {
		this.#chosen = undefined;
	}

	/** Connects. Throws a BackoutError, or the signal's reason. */
	async dial(signal: AbortSignal): Promise<DialledServer> {
		// This starts a process, so it comes first; but not before a new screen is drawn.
		await afterDrawing();
		const wanted = this.#target.ssh.transport ?? 'auto';
		const [chosen] = await Promise.all([this.#chosen ?? this.#choose(signal), wanted !== 'openssh' && loadSsh2()]);
		this.#chosen = chosen;
		const { way, because } = chosen;
		const hasSsh = way.target.dump !== undefined;
		if (wanted === 'openssh') {
			if (!hasSsh) {
				throw opensshMissing(this.#target.host);
			}
			return this.#byOpenssh(way, 'OpenSSH, as `transport` says', signal);
		}
		if (wanted === 'auto' && because !== undefined && hasSsh) {
			return this.#byOpenssh(way, `OpenSSH, because of ${because}`, signal);
		}
		try {
			return await this.#bySsh2(way, signal);
		} catch (error) {
			const could =
				error instanceof BackoutError && !signal.aborted
					? (because ?? (await whatOpensshCouldDo(error, way, this.#options.env ?? process.env)))
					: undefined;
			if (could === undefined || way.beyondSsh2 !== undefined) {
				throw error;
			}
			if (wanted === 'ssh2' || !hasSsh) {
				throw withHint(error as BackoutError, could, hasSsh);
			}
			this.#chosen = { way, because: could };
			return this.#byOpenssh(way, `OpenSSH, because of ${could}`, signal);
		}
	}

	async #choose(signal: AbortSignal): Promise<Chosen> {
		const { env = process.env, home } = this.#options;
		const context = { env, signal, ...(home === undefined ? {} : { home }) };
		const way = await resolveWay(this.#target.host, this.#target.ssh, context);
		return { way, because: await findBeyondSsh2(way) };
	}

	async #bySsh2(way: Way, signal: AbortSignal): Promise<DialledServer> {
		const { ask } = this.#options;
		const ssh2 = await loadSsh2();
		const dialling = dial(routeOf(way), { ssh2, credentials: this.#credentials, signal, ...(ask ? { ask } : {}) });
		// Modules for the first requests are loaded while the server responds. Errors are reported at their first use.
		loadGot().catch(() => {});
		return { dialled: await dialling, server: address(way.target.settings), transport: 'ssh2' };
	}

	async #byOpenssh(way: Way, transport: string, signal: AbortSignal): Promise<DialledServer> {
		const { ask, env = process.env, home } = this.#options;
		const { settings } = way.target;
		const { dialByOpenssh } = await import('./openssh/dial.ts');
		const dialling = dialByOpenssh(this.#target, settings, {
			env,
			signal,
			answers: answers.get(this.#credentials.keys) ?? new Map(),
			...(home === undefined ? {} : { home }),
			...(ask ? { ask } : {}),
		});
		loadGot().catch(() => {});
		return { dialled: await dialling, server: address(settings), transport };
	}
}

/** Adds to ssh2's error what it could not use. */
const withHint = (error: BackoutError, could: string, hasSsh: boolean): BackoutError => {
	const can = hasSsh
		? "Let the system's OpenSSH connect: `transport: auto` or `openssh`."
		: 'Install the OpenSSH client, which can use it.';
	const isSaid = error instanceof BeyondSsh2;
	return new BackoutError(
		error.code,
		isSaid ? error.message : `${error.message.replace(/[^.]$/, '$&.')} There is ${could}, which ssh2 cannot use.`,
		{
			...(error.host !== undefined && { host: error.host }),
			next: isSaid && error.next !== undefined ? `${error.next} Or: ${can}` : can,
			cause: error,
		},
	);
};
