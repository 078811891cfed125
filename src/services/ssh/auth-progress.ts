import type { AnyAuthMethod, AuthenticationType } from 'ssh2';
import type { AuthPrompt, Prompter } from './auth-prompt.ts';
import type { KeyRing } from './keys.ts';
import { address, type SshSettings } from './settings.ts';

/** Secrets kept between connections: unlocked keys, and the password that worked. */
export interface Credentials {
	readonly keys: KeyRing;
	/** Passwords that worked, by `user@host:port`. */
	readonly passwords: Map<string, string>;
}

/** The attempts of one method of authentication, in the order in which they are made. */
export type Attempts = AsyncGenerator<AnyAuthMethod, void, void>;

/** The state of one authentication with a server: what the server allows, what was offered, and facts for the error. */
export class AuthProgress {
	readonly settings: SshSettings;
	readonly credentials: Credentials;
	readonly signal: AbortSignal;
	/** Asks the operator, unless the server is gone; undefined when there is nobody to ask. */
	readonly ask: Prompter | undefined;
	readonly offered: string[] = [];
	readonly notes: string[] = [];
	/** The methods that the server still allows; null before it said so. */
	allowed: readonly AuthenticationType[] | null = null;
	/** Path of a locked key that was not used, as there is nobody to ask for its passphrase. */
	lockedWithoutAsk: string | undefined;
	#asking = false;
	#askedServer = false;

	constructor(settings: SshSettings, credentials: Credentials, ask: Prompter | undefined, signal: AbortSignal) {
		this.settings = settings;
		this.credentials = credentials;
		this.signal = signal;
		this.ask = ask && ((question: AuthPrompt) => this.#askUnlessGone(ask, question));
	}

	get username(): string {
		return this.settings.user;
	}

	get host(): string {
		return this.settings.destination;
	}

	/** True while the operator is being asked. */
	get asking(): boolean {
		return this.#asking;
	}

	get askedServer(): boolean {
		return this.#askedServer;
	}

	/** The last password that worked; undefined forgets it. */
	get password(): string | undefined {
		return this.credentials.passwords.get(address(this.settings));
	}

	set password(password: string | undefined) {
		if (password === undefined) {
			this.credentials.passwords.delete(address(this.settings));
		} else {
			this.credentials.passwords.set(address(this.settings), password);
		}
	}

	allows(method: AuthenticationType): boolean {
		return this.allowed === null || this.allowed.includes(method);
	}

	/**
	 * Runs `wait`, and counts its time as time in which the operator is being asked: here, or for another connection that needs the same
	 * key.
	 */
	async patiently<T>(wait: () => Promise<T>): Promise<T> {
		this.#asking = true;
		try {
			return await wait();
		} finally {
			this.#asking = false;
		}
	}

	/**
	 * Asks the server which methods it allows (RFC 4252, 5.2); some servers let anybody in. It is not asked first: an available key usually
	 * works, a round trip sooner, and a rejection names the allowed methods too.
	 */
	askServer(): AnyAuthMethod {
		this.#askedServer = true;
		return { type: 'none', username: this.username };
	}

	async #askUnlessGone(ask: Prompter, question: AuthPrompt): Promise<string | undefined> {
		return this.signal.aborted ? undefined : this.patiently(() => ask(question, this.signal));
	}
}
