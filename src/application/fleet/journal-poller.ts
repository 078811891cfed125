import type { MissingHost } from '../../runbook/missing-host.ts';
import type { LockHolder, RunSummary } from '../../runbook/run.ts';
import { createStore } from '../../stores/store.ts';
import { listRunsEverywhere, readLock, readRunsOfOthers } from '../runs/runs-elsewhere.ts';
import type { Session } from './session.ts';

/** Interval between reads of the journal and the lock while no change is known, ms. */
const journalMs = 15_000;
/** Interval between reads of the lock alone, while the target is one of many, ms. */
const lockLeanMs = 60_000;
/** Interval between reads of the journals of the target's other hosts, ms. */
const othersMs = 60_000;

export interface JournalPollerOptions {
	/** True: reads both at the full rate; else only the lock, less often. */
	readonly closely: boolean;
	readonly signal: AbortSignal;
}

/** Reads the journal and the lock of a target: when the link comes up, at intervals while it is up, and on request. */
export class JournalPoller {
	readonly lock = createStore<LockHolder | undefined>(undefined, (a, b) => a?.run === b?.run);
	readonly runs = createStore<readonly RunSummary[] | undefined>(
		undefined,
		(a, b) => JSON.stringify(a) === JSON.stringify(b),
	);
	/** The hosts of the target whose runs are missing. */
	readonly missing = createStore<readonly MissingHost[]>([], (a, b) => JSON.stringify(a) === JSON.stringify(b));
	readonly #session: Session;
	readonly #signal: AbortSignal;
	readonly #timer: NodeJS.Timeout;
	#closely: boolean;
	#isReading = false;
	#readAt = 0;
	#others: { readonly of: string; readonly at: number; readonly runs: ReturnType<typeof readRunsOfOthers> } | undefined;

	constructor(session: Session, { closely, signal }: JournalPollerOptions) {
		this.#session = session;
		this.#signal = signal;
		this.#closely = closely;
		this.#timer = setInterval(() => this.#poll(), journalMs);
		session.host.ready(signal).then(
			() => this.refresh(),
			() => {},
		);
	}

	/** Changes the rate; reads at once when it becomes the full rate. */
	attend(closely: boolean): void {
		const isNews = closely && !this.#closely;
		this.#closely = closely;
		if (isNews && this.#isUp()) {
			this.refresh();
		}
	}

	/** Reads now, unless a read is in progress. */
	refresh(): void {
		if (!this.#isReading) {
			this.#isReading = true;
			this.#readAt = performance.now();
			void this.#read().finally(() => {
				this.#isReading = false;
			});
		}
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	#isUp(): boolean {
		return this.#session.host.link.get().status === 'up';
	}

	#poll(): void {
		const isDue = this.#closely || performance.now() - this.#readAt >= lockLeanMs;
		if (isDue && this.#isUp()) {
			this.refresh();
		}
	}

	/** Reads the journals of the other hosts, unless that was done a moment ago. */
	#ofOthers(): ReturnType<typeof readRunsOfOthers> {
		const of = this.#session.host.name;
		const now = performance.now();
		if (this.#others === undefined || this.#others.of !== of || now - this.#others.at >= othersMs) {
			this.#others = { of, at: now, runs: readRunsOfOthers(this.#session, this.#signal) };
		}
		return this.#others.runs;
	}

	async #read(): Promise<void> {
		try {
			const [holder, all] = await Promise.all([
				readLock(this.#session, this.#signal),
				this.#closely ? listRunsEverywhere(this.#session, this.#signal, this.#ofOthers()) : undefined,
			]);
			this.lock.set(holder);
			if (all !== undefined) {
				this.missing.set(all.missing);
				this.runs.set(all.runs);
			}
		} catch {
			// The link's own state says why; earlier readings stay.
		}
	}
}
