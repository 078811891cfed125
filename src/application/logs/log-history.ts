import type { Engine } from '../../engine/engine.ts';
import type { Instance } from '../../engine/instance.ts';
import { millisToNanos } from '../../engine/time.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { LogSince, OlderLines } from '../../stores/followed-logs.ts';
import type { LogEntry } from '../../stores/log-page.ts';
import { createStore } from '../../stores/store.ts';
import type { ContainerLog } from './container-log.ts';
import { mergeEntries } from './merge-entries.ts';

/** Number of a container's newest lines that a log starts with. */
const tailLines = 2000;
/** Maximum number of lines, of all containers together, that are read for a given time. */
const mostLines = 60_000;
/** Number of older lines in one read. */
const pageLines = 5000;

interface Past {
	readonly log: ContainerLog;
	/** Lines that were read, but are older than what another service has in memory. */
	reserve: readonly LogEntry[];
	/** True when nothing is older than what was read. */
	isWhole: boolean;
}

export interface LogHistoryOptions {
	readonly since: LogSince;
	/** Number of lines of each container when `since` is `newest`. */
	readonly tail?: number;
	readonly signal: AbortSignal;
}

/** The lines that existed before following began: read backward, and released once all services have lines for that time. */
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

	/** @param isWhole true when nothing older will be asked for */
	add(id: string, log: ContainerLog, isWhole: boolean): void {
		this.#pasts.set(id, { log, reserve: [], isWhole });
	}

	remove(id: string): void {
		this.#pasts.delete(id);
	}

	/** Returns the wanted start of a container's log, ns by the host's clock; undefined: all of it. */
	since({ logFrom }: Instance): bigint | undefined {
		const { since } = this.#options;
		if (since === 'start') {
			return logFrom;
		}
		return typeof since === 'object' ? millisToNanos(this.#openedAt - since.agoMs) : undefined;
	}

	/** Reads the newest lines of one of `count` containers. */
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
	 * Releases lines from the reserve, from the time on for which all services have some: before it, the lines of one would look as if the
	 * others had logged nothing.
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

	/** Shows if there may be older lines. */
	show(): void {
		const isMore = [...this.#pasts.values()].some(({ isWhole, reserve }) => !isWhole || reserve.length > 0);
		const isBounded = this.#options.since === 'start' || typeof this.#options.since === 'object';
		this.older.set({ state: isMore ? 'more' : isBounded ? 'since' : 'begins' });
	}

	/**
	 * Reads a page of older lines.
	 *
	 * @param onOlder returns for how many of them there was room
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
		// If there are so few lines, they may be the very first ones.
		const before = found.length < count / 2 && found.length > 0 ? await past.log.older(count, range) : undefined;
		past.reserve = [...(before ?? []), ...found];
		past.isWhole = (before ?? found).length === 0;
	}
}
