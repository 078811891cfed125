import { type LogEntry, LogPage } from './log-page.ts';
import type { OutputLines } from './output-buffer.ts';
import { createThrottledChanges, type ThrottledChanges } from './throttled-changes.ts';

/** Formats a time as Docker writes it, to the microsecond. */
export const stampOf = (time: number): string => {
	const micros = Math.min(999, Math.round((time - Math.floor(time)) * 1000));
	return new Date(time).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
};

/**
 * Logs of one or several services in memory of a fixed size: new lines are appended, and older ones, on request, prepended. When it is full
 * the oldest leave. The first line added is number 0; older ones have numbers below.
 */
export interface LogLines extends OutputLines {
	append(entries: readonly LogEntry[]): void;
	/** Prepends older lines, the oldest first; only the newest of them that fit. Returns how many fitted. */
	prepend(entries: readonly LogEntry[]): number;
	source(line: number): number | undefined;
	isNote(line: number): boolean;
	/** Lines in memory, without the notes. */
	readonly held: number;
	/** Lines that had to leave the memory, without the notes. */
	readonly dropped: number;
}

export interface LogLinesOptions {
	/** Number of pages of 128 kB or 4096 lines, whichever is full first; default 192 (24 MB). */
	readonly pages?: number;
	readonly pageBytes?: number;
	readonly pageLines?: number;
	/** Minimum time between two notifications, ms; default 40: see the output buffer. */
	readonly throttleMs?: number;
}

export const createLogLines = (options: LogLinesOptions = {}): LogLines => new PagedLogLines(options);

class PagedLogLines implements LogLines {
	readonly changed: LogLines['changed'];
	readonly #mostPages: number;
	readonly #pageBytes: number;
	readonly #pageLines: number;
	readonly #changes: ThrottledChanges;
	readonly #pages: LogPage[] = [];
	/** A page that was freed, for reuse. */
	#spare: LogPage | undefined;
	/** The page from which a line was last read. */
	#current: LogPage | undefined;
	#byteCount = 0;
	#held = 0;
	#dropped = 0;

	constructor({ pages = 192, pageBytes = 128 * 1024, pageLines = 4096, throttleMs = 40 }: LogLinesOptions) {
		this.#mostPages = pages;
		this.#pageBytes = pageBytes;
		this.#pageLines = pageLines;
		this.#changes = createThrottledChanges(() => this.lineCount, throttleMs);
		this.changed = this.#changes.changed;
	}

	get lineCount(): number {
		return this.#pages.at(-1)?.end ?? 0;
	}

	get firstLine(): number {
		return this.#pages[0]?.first ?? 0;
	}

	get memoryFrom(): number {
		return this.firstLine;
	}

	get byteCount(): number {
		return this.#byteCount;
	}

	get held(): number {
		return this.#held;
	}

	get dropped(): number {
		return this.#dropped;
	}

	append(entries: readonly LogEntry[]): void {
		if (entries.length === 0) {
			return;
		}
		for (const entry of entries) {
			const last = this.#pages.at(-1);
			if (last === undefined || !this.#put(last, entry)) {
				const page = this.#nextPage();
				this.#put(page, entry);
				this.#pages.push(page);
			}
		}
		this.#changes.request();
	}

	prepend(entries: readonly LogEntry[]): number {
		const fresh: LogPage[] = [];
		let at = entries.length;
		// From the newest backwards, a page at a time: what does not fit is the oldest.
		while (at > 0 && this.#pages.length + fresh.length < this.#mostPages) {
			const from = this.#pageStart(entries, at);
			const page = this.#newPage(0);
			for (let each = from; each < at; each++) {
				const entry = entries[each];
				if (entry !== undefined) {
					this.#put(page, entry);
				}
			}
			fresh.unshift(page);
			at = from;
		}
		const taken = entries.length - at;
		let first = this.firstLine - taken;
		for (const page of fresh) {
			page.first = first;
			first = page.end;
		}
		this.#pages.unshift(...fresh);
		if (taken > 0) {
			this.#changes.request();
		}
		return taken;
	}

	line(line: number): Uint8Array | undefined {
		return this.#find(line)?.line(line);
	}

	time(line: number): number | undefined {
		return this.#find(line)?.time(line);
	}

	source(line: number): number | undefined {
		return this.#find(line)?.source(line);
	}

	isNote(line: number): boolean {
		return this.#find(line)?.isNote(line) === true;
	}

	page(): undefined {
		return undefined;
	}

	#newPage(first: number): LogPage {
		const page = this.#spare ?? new LogPage(this.#pageBytes, this.#pageLines);
		this.#spare = undefined;
		return page.clear(first);
	}

	/** Returns an empty page for the next lines; in full memory the oldest page is reused for it. */
	#nextPage(): LogPage {
		const first = this.lineCount;
		if (this.#pages.length === this.#mostPages) {
			const oldest = this.#pages.shift();
			this.#current = undefined;
			this.#dropped += oldest?.held ?? 0;
			this.#held -= oldest?.held ?? 0;
			this.#spare = oldest;
		}
		return this.#newPage(first);
	}

	#put(page: LogPage, entry: LogEntry): boolean {
		const taken = page.put(entry);
		if (taken === undefined) {
			return false;
		}
		this.#held += entry.note === true ? 0 : 1;
		this.#byteCount += taken + 1;
		return true;
	}

	/** Returns the index of the first entry before `to` from which all fit into one page. */
	#pageStart(entries: readonly LogEntry[], to: number): number {
		let bytes = 0;
		let from = to;
		while (from > 0 && to - from < this.#pageLines) {
			const length = Math.min(this.#pageBytes, entries[from - 1]?.bytes.length ?? 0);
			if (bytes + length > this.#pageBytes) {
				break;
			}
			bytes += length;
			from--;
		}
		return from;
	}

	#find(line: number): LogPage | undefined {
		if (this.#current?.has(line)) {
			return this.#current;
		}
		let [low, high] = [0, this.#pages.length - 1];
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((this.#pages[middle]?.first ?? 0) <= line) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		const page = this.#pages[low];
		this.#current = page?.has(line) ? page : undefined;
		return this.#current;
	}
}
