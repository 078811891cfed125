import { setTimeout as sleep } from 'node:timers/promises';
import type { FollowedRun } from '../../stores/workspace.ts';
import { followAndBind } from '../runs/bind-to-stores.ts';
import type { Session } from './session.ts';

export interface FollowedRunsOptions {
	/** Called when a run has changed the target. */
	refresh(): void;
	/** Called when the number of followed runs changes. */
	onCount(): void;
	readonly signal: AbortSignal;
}

/** The runs of a target that are being followed. */
export class FollowedRuns {
	readonly #session: Session;
	readonly #options: FollowedRunsOptions;
	readonly #ends = new Set<Promise<void>>();

	constructor(session: Session, options: FollowedRunsOptions) {
		this.#session = session;
		this.#options = options;
	}

	get count(): number {
		return this.#ends.size;
	}

	follow(id: string): Promise<FollowedRun> {
		const { refresh, signal } = this.#options;
		const onFollowing = (ended: Promise<void>) => this.#add(ended);
		return followAndBind(this.#session, id, { onChange: refresh, onFollowing }, signal);
	}

	/** Resolves when the verdicts that were shown are recorded on the host, or after `ms`. */
	async settled(ms: number): Promise<void> {
		await Promise.race([Promise.allSettled(this.#ends), sleep(ms, undefined, { ref: false })]);
	}

	#add(ended: Promise<void>): void {
		this.#ends.add(ended);
		this.#options.onCount();
		void ended.finally(() => {
			this.#ends.delete(ended);
			this.#options.onCount();
		});
	}
}
