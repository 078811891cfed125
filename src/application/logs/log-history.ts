import type { Engine } from '../../engine/engine.ts';
import type { Instance } from '../../engine/instance.ts';
import { millisToNanos } from '../../engine/time.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { LogSince, OlderLines } from '../../stores/followed-logs.ts';
import type { LogEntry } from '../../stores/log-page.ts';
import { createStore } from '../../stores/store.ts';
import type { ContainerLog } from './container-log.ts';
import { mergeEntries } from './merge-entries.ts';

/** How many of the newest lines of a container a log begins with. */
const tailLines = 2000;
/** How many lines are read at most, of all containers together, where a time is given. */
const mostLines = 60_000;
/** How many older lines are read at a time. */
const pageLines = 5000;

interface Past {
	readonly log: ContainerLog;
	/** Read, but older than what of another service is in memory. */
	reserve: readonly LogEntry[];
	/** There is nothing before what was read. */
	isWhole: boolean;
}

export interface LogHistoryOptions {
	readonly since: LogSince;
	/** Number of lines of each container where `since` is `newest`. */
	readonly tail?: number;
	readonly signal: AbortSignal;
}

/** What was there of logs before they were followed: read backward, and given out where there is some of all of them. */
export class LogHistory {
	readonly older = createStore<OlderLines>({ state: 'reading' });
	readonly #engine: Engine;
	readonly #options: LogHistoryOptions;
	readonly #openedAt: number;
	/** Older lines, by container id. */
	readonly #pasts = new Map<string, Past>();

	constructor(engine: Engine, options: LogHistoryOptions) {
		this.#engine = engine;
		this.#options = options;
		this.#openedAt = engine.clock.now();
	}

	/** @param isWhole nothing before what is read of it will be asked for */
	add(id: string, log: ContainerLog, isWhole: boolean): void {
		this.#pasts.set(id, { log, reserve: [], isWhole });
	}

	remove(id: string): void {
		this.#pasts.delete(id);
	}

	/** From when on a container's log is wanted, ns by the host's clock; undefined: all of it. */
	since({ logFrom }: Instance): bigint | undefined {
		const { since } = this.#options;
		if (since === 'start') {
			return logFrom;
		}
		return typeof since === 'object' ? millisToNanos(this.#openedAt - since.agoMs) : undefined;
	}

	/** Reads the newest lines of a container, of `count`. */
	async readTail(details: Instance, count: number): Promise<void> {
		const past = this.#pasts.get(details.id);
		if (past === undefined) {
			return;
		}
		const { since, signal } = this.#options;
		const tail = since === 'newest' ? (this.#options.tail ?? tailLines) : Math.ceil(mostLines / count);
		const found: LogEntry[] = [];
		for await (const entries of past.log.read({ since: this.since(details), tail, signal })) {
			found.push(...entries);
			this.older.set({ state: 'reading', lines: (this.older.get().lines ?? 0) + entries.length });
		}
		past.reserve = found;
		past.isWhole = past.log.pieces < tail;
	}

	/**
	 * Takes from what is in reserve the lines from where on there are some of all services: before that, the lines of one
	 * would stand there as if the others had said nothing.
	 */
	take(): readonly LogEntry[] {
		const pasts = [...this.#pasts.values()];
		const from = pasts.reduce(
			(latest, { isWhole, reserve }) => (isWhole ? latest : Math.max(latest, reserve[0]?.time ?? latest)),
			Number.NEGATIVE_INFINITY,
		);
		const taken = mergeEntries(pasts.map(({ reserve }) => reserve.filter(({ time }) => time >= from)));
		for (const past of pasts) {
			past.reserve = past.reserve.filter(({ time }) => time < from);
		}
		return taken;
	}

	/** Says whether there may be older lines. */
	show(): void {
		const isMore = [...this.#pasts.values()].some(({ isWhole, reserve }) => !isWhole || reserve.length > 0);
		const isBounded = this.#options.since === 'start' || typeof this.#options.since === 'object';
		this.older.set({ state: isMore ? 'more' : isBounded ? 'since' : 'begins' });
	}

	/**
	 * Reads a page of older lines.
	 *
	 * @param onOlder gives how many of them there was room for
	 */
	async readOlder(onOlder: (entries: readonly LogEntry[]) => number): Promise<void> {
		this.older.set({ state: 'reading', lines: 0 });
		try {
			const left = [...this.#pasts].filter(([, { isWhole }]) => !isWhole);
			const count = Math.ceil(pageLines / left.length);
			await Promise.all(left.map(([id, past]) => this.#readPage(id, past, count)));
			const entries = this.take();
			if (onOlder(entries) < entries.length) {
				this.older.set({ state: 'full' });
			} else {
				this.show();
			}
		} catch (error) {
			if (!this.#options.signal.aborted) {
				this.older.set({ state: 'failed', reason: messageOf(error) });
			}
		}
	}

	async #readPage(id: string, past: Past, count: number): Promise<void> {
		if (past.reserve.length > 0) {
			return;
		}
		const { signal } = this.#options;
		const details = await this.#engine.inspect(id, signal);
		if (details === undefined) {
			past.isWhole = true;
			return;
		}
		const since = this.since(details);
		const range = { signal, ...(since !== undefined && { since }) };
		const found = await past.log.older(count, range);
		// So few that they may be the first ones.
		const before = found.length < count / 2 && found.length > 0 ? await past.log.older(count, range) : undefined;
		past.reserve = [...(before ?? []), ...found];
		past.isWhole = (before ?? found).length === 0;
	}
}
