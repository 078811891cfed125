import type { OutputLines } from './output-buffer.ts';
import { createThrottle } from './throttle.ts';

/** A line of a log on its way into memory. */
export interface LogEntry {
	/** Whose line it is: a number from 0 to 126. */
	readonly source: number;
	/** When Docker got it, ms since the epoch with fractions, by the host's clock. */
	readonly time: number;
	/** Not the service's words but ours: it was restarted, the link was lost. */
	readonly note?: boolean;
	/** Without a line end. Copied when it is taken in. */
	readonly bytes: Uint8Array;
}

/** A time as Docker writes it, to the microsecond. */
export const stampOf = (time: number): string => {
	const micros = Math.min(999, Math.round((time - Math.floor(time)) * 1000));
	return new Date(time).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
};

/**
 * Logs of one or several services in memory of a fixed size: lines come at the end, and older ones, on request, before the
 * oldest. When it is full the oldest go. The first line taken in is number 0; older ones have numbers below.
 */
export interface LogLines extends OutputLines {
	append(entries: readonly LogEntry[]): void;
	/** Puts older lines before the oldest, the oldest first; only the newest of them that fit. Gives how many that were. */
	prepend(entries: readonly LogEntry[]): number;
	source(line: number): number | undefined;
	isNote(line: number): boolean;
	/** Lines in memory, without the notes. */
	readonly held: number;
	/** Lines that had to leave the memory, without the notes. */
	readonly dropped: number;
}

export interface LogLinesOptions {
	/** Pages of 128 kB or 4096 lines, whichever is full first; 192 unless given (24 MB). */
	readonly pages?: number;
	readonly pageBytes?: number;
	readonly pageLines?: number;
	/** The least time between two notifications, in ms; 40 unless given: see the output buffer. */
	readonly throttleMs?: number;
}

interface Page {
	readonly bytes: Uint8Array;
	/** Where each line begins; behind the last one, where it ends. */
	readonly starts: Uint32Array;
	readonly times: Float64Array;
	/** The source, and 128 for a note. */
	readonly marks: Uint8Array;
	first: number;
	count: number;
	notes: number;
}

const NOTE = 128;

export const createLogLines = (options: LogLinesOptions = {}): LogLines => {
	const { pages: mostPages = 192, pageBytes = 128 * 1024, pageLines = 4096, throttleMs = 40 } = options;
	const pages: Page[] = [];
	/** A page that was let go, to be used again. */
	let spare: Page | undefined;
	let byteCount = 0;
	let held = 0;
	let dropped = 0;
	let lookedUp: Page | undefined;
	let notified = 0;
	const listeners = new Set<() => void>();
	const throttle = createThrottle(() => {
		notified = lineCount();
		for (const listener of [...listeners]) {
			listener();
		}
	}, throttleMs);

	const lineCount = () => {
		const last = pages.at(-1);
		return last === undefined ? 0 : last.first + last.count;
	};
	const firstLine = () => pages[0]?.first ?? 0;

	const newPage = (first: number): Page => {
		const page = spare ?? {
			bytes: new Uint8Array(pageBytes),
			starts: new Uint32Array(pageLines + 1),
			times: new Float64Array(pageLines),
			marks: new Uint8Array(pageLines),
			first,
			count: 0,
			notes: 0,
		};
		spare = undefined;
		return Object.assign(page, { first, count: 0, notes: 0 });
	};
	const put = (page: Page, { source, time, note = false, bytes }: LogEntry): boolean => {
		const start = page.starts[page.count] ?? 0;
		const taken = bytes.length > pageBytes ? bytes.subarray(0, pageBytes) : bytes;
		if (page.count === pageLines || start + taken.length > pageBytes) {
			return false;
		}
		page.bytes.set(taken, start);
		page.times[page.count] = time;
		page.marks[page.count] = source | (note ? NOTE : 0);
		page.count++;
		page.starts[page.count] = start + taken.length;
		page.notes += note ? 1 : 0;
		held += note ? 0 : 1;
		byteCount += taken.length + 1;
		return true;
	};
	const find = (line: number): Page | undefined => {
		const fits = (page: Page | undefined) => page !== undefined && line >= page.first && line < page.first + page.count;
		if (fits(lookedUp)) {
			return lookedUp;
		}
		let [low, high] = [0, pages.length - 1];
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((pages[middle]?.first ?? 0) <= line) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		lookedUp = fits(pages[low]) ? pages[low] : undefined;
		return lookedUp;
	};

	return {
		append: (entries) => {
			if (entries.length === 0) {
				return;
			}
			for (const entry of entries) {
				let page = pages.at(-1);
				if (page === undefined || !put(page, entry)) {
					const first = lineCount();
					if (pages.length === mostPages) {
						const oldest = pages.shift();
						lookedUp = undefined;
						dropped += (oldest?.count ?? 0) - (oldest?.notes ?? 0);
						held -= (oldest?.count ?? 0) - (oldest?.notes ?? 0);
						spare = oldest;
					}
					page = newPage(first);
					page.starts[0] = 0;
					put(page, entry);
					pages.push(page);
				}
			}
			throttle.request();
		},
		prepend: (entries) => {
			const fresh: Page[] = [];
			let taken = 0;
			// From the newest on, a page at a time: what does not fit is the oldest.
			let at = entries.length;
			while (at > 0 && pages.length + fresh.length < mostPages) {
				let bytes = 0;
				let from = at;
				while (from > 0 && at - from < pageLines) {
					const length = Math.min(pageBytes, entries[from - 1]?.bytes.length ?? 0);
					if (bytes + length > pageBytes) {
						break;
					}
					bytes += length;
					from--;
				}
				const page = newPage(0);
				page.starts[0] = 0;
				for (const entry of entries.slice(from, at)) {
					put(page, entry);
				}
				fresh.unshift(page);
				taken += at - from;
				at = from;
			}
			let first = firstLine() - taken;
			for (const page of fresh) {
				page.first = first;
				first += page.count;
			}
			pages.unshift(...fresh);
			if (taken > 0) {
				throttle.request();
			}
			return taken;
		},
		get lineCount() {
			return lineCount();
		},
		get firstLine() {
			return firstLine();
		},
		get memoryFrom() {
			return firstLine();
		},
		page: () => undefined,
		get byteCount() {
			return byteCount;
		},
		get held() {
			return held;
		},
		get dropped() {
			return dropped;
		},
		line: (line) => {
			const page = find(line);
			const at = line - (page?.first ?? 0);
			return page?.bytes.subarray(page.starts[at], page.starts[at + 1]);
		},
		time: (line) => {
			const page = find(line);
			return page?.times[line - page.first];
		},
		source: (line) => {
			const page = find(line);
			return page && (page.marks[line - page.first] ?? 0) & (NOTE - 1);
		},
		isNote: (line) => {
			const page = find(line);
			return page !== undefined && ((page.marks[line - page.first] ?? 0) & NOTE) !== 0;
		},
		changed: {
			get: () => notified,
			subscribe: (listener) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
	};
};
