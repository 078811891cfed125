import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import type { Attempts, AuthProgress } from './auth-progress.ts';
import { type AgentKey, type KeyFile, listAgentKeys } from './keys.ts';
import { fingerprint } from './known-hosts.ts';
import type { Ssh2 } from './ssh2.ts';

/**
 * Offers keys: configured ones (from the agent when it has them), the agent's, ssh's default keys, and locked default keys last. Each
 * key is offered once.
 */
export async function* keyAttempts(ssh2: Ssh2, progress: AuthProgress): Attempts {
	const { settings, credentials } = progress;
	const files = await Promise.all(settings.identityFiles.map((file) => credentials.keys.load(file)));
	const offers = new KeyOffers(progress, await agentKeys(ssh2, progress));
	for (const file of files.filter(({ configured }) => configured)) {
		yield* offers.file(file);
	}
	yield* offers.agentKeys((key) => !settings.identitiesOnly || files.some((file) => file.public?.equals(key.blob)));
	const defaults = files.filter(({ configured }) => !configured);
	for (const file of [
		...defaults.filter(({ kind }) => kind !== 'locked'),
		...defaults.filter(({ kind }) => kind === 'locked'),
	]) {
		yield* offers.file(file);
	}
}

const agentKeys = async (ssh2: Ssh2, { settings, notes }: AuthProgress): Promise<readonly AgentKey[]> => {
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

class KeyOffers {
	readonly #progress: AuthProgress;
	readonly #agent: readonly AgentKey[];
	/** Public halves of the keys that were offered, in base64. */
	readonly #tried = new Set<string>();

	constructor(progress: AuthProgress, agent: readonly AgentKey[]) {
		this.#progress = progress;
		this.#agent = agent;
	}

	/** Offers a key file. Its passphrase is asked for only after the server has said that keys are allowed. */
	async *file(file: KeyFile): Attempts {
		if (file.kind === 'locked' && this.#progress.allowed === null) {
			yield this.#progress.askServer();
		}
		const attempt = this.#progress.allows('publickey') ? await this.#offer(file) : undefined;
		if (attempt) {
			yield attempt;
		}
	}

	*agentKeys(isWanted: (key: AgentKey) => boolean): Generator<AnyAuthMethod, void, void> {
		for (const key of this.#agent) {
			if (isWanted(key) && this.#isFresh(key.blob)) {
				yield this.#byAgent(key);
			}
		}
	}

	async #offer(file: KeyFile): Promise<AnyAuthMethod | undefined> {
		const held = this.#agent.find((key) => file.public?.equals(key.blob));
		if (held) {
			return this.#isFresh(held.blob) ? this.#byAgent(held) : undefined;
		}
		switch (file.kind) {
			case 'ready':
				return file.public && this.#isFresh(file.public) ? this.#byFile(file.path, file.key, file.public) : undefined;
			case 'locked':
				return this.#unlocked(file.path);
			case 'public':
				this.#note(`${file.path} is only the public key, and the agent does not have the private key`);
				return undefined;
			case 'unusable':
				if (file.configured || file.why !== 'ENOENT') {
					this.#note(`${file.path} cannot be used (${file.why === 'ENOENT' ? 'it does not exist' : file.why})`);
				}
				return undefined;
		}
	}

	async #unlocked(path: string): Promise<AnyAuthMethod | undefined> {
		const { ask, credentials, host, signal } = this.#progress;
		if (ask === undefined) {
			this.#progress.lockedWithoutAsk ??= path;
			return undefined;
		}
		const key = await this.#progress.patiently(() => credentials.keys.unlock(path, ask, host, signal));
		if (key === undefined) {
			this.#note(`${path} was not unlocked`);
			return undefined;
		}
		return this.#byFile(path, key, key.getPublicSSH() as Buffer);
	}

	#byAgent({ label, agent }: AgentKey): AnyAuthMethod {
		this.#progress.offered.push(`agent key ${label}`);
		return { type: 'agent', username: this.#progress.username, agent };
	}

	#byFile(path: string, key: ParsedKey, blob: Buffer): AnyAuthMethod {
		this.#progress.offered.push(`key ${path} (${fingerprint(blob)})`);
		return { type: 'publickey', username: this.#progress.username, key };
	}

	#isFresh(blob: Buffer): boolean {
		const id = blob.toString('base64');
		const isFresh = !this.#tried.has(id);
		this.#tried.add(id);
		return isFresh;
	}

	#note(fact: string): void {
		this.#progress.notes.push(fact);
	}
}
