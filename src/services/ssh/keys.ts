import type { BaseAgent, ParsedKey } from 'ssh2';
import { readFile } from '../files/read-file.ts';
import type { Prompter } from './auth-prompt.ts';
import { fingerprint } from './known-hosts.ts';
import { fromPkcs8 } from './pkcs8.ts';
import type { IdentityFile, SshSettings } from './settings.ts';
import { loadSsh2, type Ssh2 } from './ssh2.ts';

/** A private key file: usable at once, locked, only the public half, or unusable (and why). */
export type KeyFile = { readonly path: string; readonly configured: boolean; readonly public?: Buffer } & (
	| { readonly kind: 'ready'; readonly key: ParsedKey }
	| { readonly kind: 'locked' }
	| { readonly kind: 'public' }
	| { readonly kind: 'unusable'; readonly why: string }
);

export interface AgentKey {
	readonly blob: Buffer;
	readonly label: string;
	/** An agent that knows only this key. */
	readonly agent: BaseAgent;
}

/**
 * Keys kept for the life of their owner, be it one connection or many: a passphrase is asked for once, and the slow unlocking (bcrypt,
 * about half a second) is done once, not at every reconnect and not for every host.
 */
export interface KeyRing {
	load(file: IdentityFile): Promise<KeyFile>;
	/**
	 * Asks for the passphrase, at most three times; a second caller waits for the same answer. Undefined when it was declined, now or
	 * before. `signal` is aborted when the caller is gone.
	 */
	unlock(path: string, ask: Prompter, host: string, signal: AbortSignal): Promise<ParsedKey | undefined>;
	/** Lets declined passphrases be asked for again. */
	askAgain(): void;
}

const publicBlob = (key: ParsedKey): Buffer => {
	const blob = key.getPublicSSH();
	return Buffer.isBuffer(blob) ? blob : Buffer.from(blob, 'latin1');
};

/** Creates an empty key ring. */
export const createKeyRing = (): KeyRing => {
	const unlocked = new Map<string, ParsedKey>();
	/** Keys whose passphrase was declined. */
	const declined = new Set<string>();
	const asking = new Map<string, Promise<ParsedKey | undefined>>();

	const askFor = async (
		path: string,
		ask: Prompter,
		host: string,
		signal: AbortSignal,
	): Promise<ParsedKey | undefined> => {
		const ssh2 = await loadSsh2();
		const data = await readFile(path);
		for (let attempt = 0; attempt < 3; attempt++) {
			const passphrase = await ask({
				kind: 'passphrase',
				prompt: attempt === 0 ? `Passphrase for ${path}` : `Wrong passphrase. Passphrase for ${path}`,
				host,
			});
			if (passphrase === undefined) {
				break;
			}
			const key = parse(ssh2, data, passphrase);
			if (!(key instanceof Error)) {
				unlocked.set(path, key);
				return key;
			}
		}
		if (!signal.aborted) {
			declined.add(path);
		}
		return undefined;
	};

	const parse = (ssh2: Ssh2, data: Buffer, passphrase?: string): ParsedKey | Error => {
		const parsed = ssh2.utils.parseKey(fromPkcs8(data), passphrase) as ParsedKey | ParsedKey[] | Error;
		const key = Array.isArray(parsed) ? parsed[0] : parsed;
		return key ?? new Error('contains no key');
	};

	return {
		load: async ({ path, configured }) => {
			const base = { path, configured };
			const known = unlocked.get(path);
			if (known) {
				return { ...base, kind: 'ready', key: known, public: publicBlob(known) };
			}
			const ssh2 = await loadSsh2();
			// An encrypted key has its public half only in the file beside it.
			const beside = await readFile(`${path}.pub`).then(
				(data) => parse(ssh2, data),
				() => undefined,
			);
			const shown = beside === undefined || beside instanceof Error ? {} : { public: publicBlob(beside) };
			let data: Buffer;
			try {
				data = await readFile(path);
			} catch (error) {
				return shown.public
					? { ...base, ...shown, kind: 'public' }
					: { ...base, kind: 'unusable', why: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
			}
			const key = parse(ssh2, data);
			if (key instanceof Error) {
				return /no passphrase given/i.test(key.message)
					? { ...base, ...shown, kind: 'locked' }
					: { ...base, ...shown, kind: 'unusable', why: key.message };
			}
			return key.isPrivateKey()
				? { ...base, kind: 'ready', key, public: publicBlob(key) }
				: { ...base, kind: 'public', public: publicBlob(key) };
		},
		unlock: async (path, ask, host, signal) => {
			for (;;) {
				const known = unlocked.get(path);
				if (known !== undefined || declined.has(path) || signal.aborted) {
					return known;
				}
				const other = asking.get(path);
				if (other === undefined) {
					const answer = askFor(path, ask, host, signal).finally(() => asking.delete(path));
					asking.set(path, answer);
					return answer;
				}
				// If the first caller was gone before there was an answer, this one asks.
				await other.catch(() => {});
			}
		},
		askAgain: () => declined.clear(),
	};
};

/** Returns the agent's keys. Throws when it does not respond within three seconds. */
export const listAgentKeys = (ssh2: Ssh2, settings: SshSettings): Promise<AgentKey[]> =>
	new Promise((resolve, reject) => {
		const agent = ssh2.createAgent(settings.agent ?? '');
		const timer = setTimeout(() => reject(new Error('no answer within 3 s')), 3000);
		agent.getIdentities((error, keys) => {
			clearTimeout(timer);
			if (error) {
				reject(error);
				return;
			}
			resolve(
				(keys ?? []).map((entry) => {
					const key = entry as ParsedKey;
					const blob = publicBlob(key);
					return {
						blob,
						label: `${key.comment || key.type} ${fingerprint(blob)}`,
						agent: singleKeyAgent(ssh2, agent, key),
					};
				}),
			);
		});
	});

/** Returns an agent with one key: ssh2 offers all keys of an agent in a row, and this way the order and the number are ours. */
const singleKeyAgent = (ssh2: Ssh2, agent: BaseAgent, key: ParsedKey): BaseAgent =>
	new (class extends ssh2.BaseAgent<ParsedKey> {
		override getIdentities(callback: Parameters<BaseAgent<ParsedKey>['getIdentities']>[0]): void {
			callback(undefined, [key]);
		}
		override sign(...given: unknown[]): void {
			(agent.sign as (...args: unknown[]) => void).apply(agent, given);
		}
	})() as BaseAgent;
