import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';
import { BackoutError } from '../../runbook/errors.ts';
import type { Prompter } from './auth-prompt.ts';
import { type AgentKey, type KeyRing, listAgentKeys } from './keys.ts';
import { fingerprint } from './known-hosts.ts';
import { address, type SshSettings } from './settings.ts';
import type { Ssh2 } from './ssh2.ts';

/** What is kept between connections: unlocked keys, and the password that worked. */
export interface Credentials {
	readonly keys: KeyRing;
	/** By user and server. */
	readonly passwords: Map<string, string>;
}

/** One authentication with one server. */
export interface Authentication {
	/** The next thing to try, given what the server still allows (null before it said so); false when there is nothing more. */
	next(allowed: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false>;
	/** True while the operator is being asked: no time-out runs then. */
	readonly asking: boolean;
	/** Adds a fact for the error message. */
	note(fact: string): void;
	/** Why the server did not let us in. */
	error(detail?: string): BackoutError;
}

const passwordTries = 3;

/**
 * Prepares the authentication with a server: reads key files and the agent, asks nothing yet. The order: keys somebody
 * configured (from the agent when it holds them), the agent's, ssh's default keys, locked default keys, then
 * keyboard-interactive and password. A passphrase or password is asked for only when its turn comes, and no more once
 * `signal` says that the server is gone.
 */
export const createAuthentication = (
	ssh2: Ssh2,
	settings: SshSettings,
	credentials: Credentials,
	ask: Prompter | undefined,
	signal: AbortSignal,
): Authentication => {
	const offered: string[] = [];
	const notes: string[] = [];
	let allowed: readonly AuthenticationType[] | null = null;
	let lockedWithoutAsk: string | undefined;
	let asking = false;
	const username = settings.user;
	const host = settings.destination;

	/** While the operator is asked, here or for another connection that wants the same key. */
	const patiently = async <T>(wait: () => Promise<T>): Promise<T> => {
		asking = true;
		try {
			return await wait();
		} finally {
			asking = false;
		}
	};

	const asked: Prompter | undefined =
		ask && (async (question) => (signal.aborted ? undefined : patiently(() => ask(question, signal))));

	const allows = (method: AuthenticationType) => allowed === null || allowed.includes(method);

	const agentKeys = async (): Promise<AgentKey[]> => {
		if (settings.agent === undefined) {
			return [];
		}
		try {
			return await listAgentKeys(ssh2, settings);
		} catch (error) {
			notes.push(`the agent at ${settings.agent} does not answer (${(error as Error).message})`);
			return [];
		}
	};

	let askedServer = false;
	/**
	 * Asks the server what it allows (RFC 4252, 5.2); some let in whoever comes. Not first, as a key that is at hand mostly
	 * does, a round trip sooner, and a refusal says what is allowed too.
	 */
	const none = (): AnyAuthMethod => {
		askedServer = true;
		return { type: 'none', username };
	};

	async function* keyAttempts(): AsyncGenerator<AnyAuthMethod, void, void> {
		const files = await Promise.all(settings.identityFiles.map((file) => credentials.keys.load(file)));
		const agent = await agentKeys();
		const tried = new Set<string>();
		const fresh = (blob: Buffer) => {
			const id = blob.toString('base64');
			return tried.has(id) ? false : tried.add(id) && true;
		};
		const byAgent = (key: AgentKey): AnyAuthMethod => {
			offered.push(`agent key ${key.label}`);
			return { type: 'agent', username, agent: key.agent };
		};
		const byFile = (path: string, key: ParsedKey, blob: Buffer): AnyAuthMethod => {
			offered.push(`key ${path} (${fingerprint(blob)})`);
			return { type: 'publickey', username, key };
		};
		const offer = async (file: (typeof files)[number]): Promise<AnyAuthMethod | undefined> => {
			const held = agent.find((key) => file.public?.equals(key.blob));
			if (held) {
				return fresh(held.blob) ? byAgent(held) : undefined;
			}
			if (file.kind === 'ready') {
				return file.public && fresh(file.public) ? byFile(file.path, file.key, file.public) : undefined;
			}
			if (file.kind === 'unusable') {
				if (file.configured || file.why !== 'ENOENT') {
					notes.push(`${file.path} cannot be used (${file.why === 'ENOENT' ? 'it does not exist' : file.why})`);
				}
				return undefined;
			}
			if (file.kind === 'public') {
				notes.push(`${file.path} is only the public half, and the agent does not hold the other`);
				return undefined;
			}
			if (asked === undefined) {
				lockedWithoutAsk ??= file.path;
				return undefined;
			}
			const key = await patiently(() => credentials.keys.unlock(file.path, asked, host, signal));
			if (key === undefined) {
				notes.push(`${file.path} stayed locked`);
				return undefined;
			}
			return byFile(file.path, key, key.getPublicSSH() as Buffer);
		};

		/** Nobody is asked for a passphrase before the server has said that a key may let us in. */
		async function* offers(file: (typeof files)[number]): AsyncGenerator<AnyAuthMethod, void, void> {
			if (file.kind === 'locked' && allowed === null) {
				yield none();
			}
			const attempt = allows('publickey') ? await offer(file) : undefined;
			if (attempt) {
				yield attempt;
			}
		}

		for (const file of files.filter(({ configured }) => configured)) {
			yield* offers(file);
		}
		for (const key of agent) {
			const named = files.some((file) => file.public?.equals(key.blob));
			if ((named || !settings.identitiesOnly) && fresh(key.blob)) {
				yield byAgent(key);
			}
		}
		const defaults = files.filter(({ configured }) => !configured);
		for (const file of [
			...defaults.filter(({ kind }) => kind !== 'locked'),
			...defaults.filter(({ kind }) => kind === 'locked'),
		]) {
			yield* offers(file);
		}
	}

	const passwordId = address(settings);

	async function* keyboardAttempts(): AsyncGenerator<AnyAuthMethod, void, void> {
		let declined = false;
		for (let attempt = 0; attempt < passwordTries && !declined && allows('keyboard-interactive'); attempt++) {
			offered.push('keyboard-interactive');
			const answer = async (
				title: string,
				prompts: readonly { prompt: string; echo?: boolean }[],
			): Promise<string[]> => {
				const answers: string[] = [];
				for (const { prompt, echo } of prompts) {
					const isPassword = !echo && prompts.length === 1 && /password/i.test(prompt);
					const kept = isPassword && attempt === 0 ? credentials.passwords.get(passwordId) : undefined;
					const said = declined
						? undefined
						: (kept ??
							(await asked?.({
								kind: 'keyboard-interactive',
								prompt: [title, prompt].filter(Boolean).join('\n'),
								host,
							})));
					if (said === undefined) {
						declined = true;
					} else if (isPassword) {
						credentials.passwords.set(passwordId, said);
					}
					answers.push(said ?? '');
				}
				return answers;
			};
			yield {
				type: 'keyboard-interactive',
				username,
				prompt: (title, instructions, _language, prompts, finish) => {
					answer([title, instructions].filter(Boolean).join('\n'), prompts).then(finish, () => finish([]));
				},
			};
		}
	}

	async function* passwordAttempts(): AsyncGenerator<AnyAuthMethod, void, void> {
		for (let attempt = 0; attempt < passwordTries && allows('password'); attempt++) {
			const kept = attempt === 0 ? credentials.passwords.get(passwordId) : undefined;
			const password = kept ?? (await asked?.({ kind: 'password', prompt: `Password for ${address(settings)}`, host }));
			if (password === undefined) {
				return;
			}
			credentials.passwords.set(passwordId, password);
			offered.push('a password');
			yield { type: 'password', username, password };
		}
	}

	async function* attempts(): AsyncGenerator<AnyAuthMethod, void, void> {
		for await (const attempt of keyAttempts()) {
			if (!allows('publickey')) {
				break;
			}
			yield attempt;
		}
		if (!askedServer) {
			yield none();
		}
		if (asked) {
			yield* keyboardAttempts();
			yield* passwordAttempts();
		}
	}

	const sequence = attempts();
	return {
		get asking() {
			return asking;
		},
		next: async (left) => {
			allowed = left ?? allowed;
			const { value, done } = await sequence.next();
			return done || !value ? false : value;
		},
		note: (fact) => {
			notes.push(fact);
		},
		error: (detail) => {
			credentials.passwords.delete(passwordId);
			const accepts = allowed === null ? '' : ` It accepts: ${allowed.join(', ')}.`;
			const tried = offered.length === 0 ? 'nothing could be offered' : `offered: ${offered.join('; ')}`;
			const also = [...notes, ...settings.notes]
				.map((fact) => ` ${fact.charAt(0).toUpperCase()}${fact.slice(1)}.`)
				.join('');
			const locked =
				lockedWithoutAsk === undefined
					? ''
					: ` The key ${lockedWithoutAsk} is locked by a passphrase, and there is nobody to ask for it.`;
			const message = `${address(settings)} did not let us in${detail ? ` (${detail})` : ''}; ${tried}.${accepts}${locked}${also}`;
			return new BackoutError('untrusted', message, { host, next: nextMove(detail) });
		},
	};

	function nextMove(detail: string | undefined): string {
		if (lockedWithoutAsk !== undefined) {
			return `Unlock the key first: \`ssh-add ${lockedWithoutAsk}\`.`;
		}
		if (detail && /too many/i.test(detail)) {
			return 'Name the right key as `identityFile` of the target, or set IdentitiesOnly for the host in ~/.ssh/config.';
		}
		return `Name the right key as \`identityFile\` of the target, load it with \`ssh-add\`, or have its public half added to ~/.ssh/authorized_keys of ${username} on the host.`;
	}
};
