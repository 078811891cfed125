import type { LinePattern } from './line-pattern.ts';
import type { LogLines } from './log-lines.ts';
import type { OutputLines } from './output-buffer.ts';
import { RegexTimeoutError, withRegexTimeout } from './regex-timeout.ts';
import { createStore, type Readable } from './store.ts';
import { createThrottle } from './throttle.ts';

/** How far a filter has come. */
export interface FilterProgress {
	/** Lines in memory that match, of those looked at so far. */
	readonly matching: number;
	/** Lines in memory that have not been looked at yet. */
	readonly left: number;
	/** Lines that left the memory before they were looked at. */
	readonly missed: number;
	/** The pattern takes too long for a single line: it was given up, and nothing is filtered. */
	readonly tooSlow: boolean;
}

/**
 * A log through a filter: the lines that match, with numbers of their own. Number 0 is the first match at or below the
 * place where the filter was set; without a filter lines have the numbers they have in the log.
 */
export interface LogIndex extends OutputLines {
	/** Looks at the lines in memory from `anchor` on, down and then up, and at each that comes. Undefined: all lines. */
	filter(pattern: LinePattern | undefined, anchor: number): void;
	readonly progress: Readable<FilterProgress>;
	/** The number in the log of a line of the index. */
	toLog(line: number): number;
	/** The first line of the index at or below a line of the log. */
	fromLog(line: number): number;
	close(): void;
}

/** At most so long at a time, ms: a key that is pressed meanwhile waits for no more. */
const sliceMs = 6;
/** One line may take at most so long, ms. */
const regexBudgetMs = 150;
const throttleMs = 40;
const nothing: FilterProgress = { matching: 0, left: 0, missed: 0, tooSlow: false };
const sameProgress = (a: FilterProgress, b: FilterProgress) =>
	a.matching === b.matching && a.left === b.left && a.missed === b.missed && a.tooSlow === b.tooSlow;

/**
 * @param text the text of a line of the log as it is shown
 * @param isKept lines that are shown whatever they say: what the operator has marked
 */
export const createLogIndex = (
	log: LogLines,
	text: (line: number) => string,
	isKept: (line: number) => boolean,
): LogIndex => {
	let pattern: LinePattern | undefined;
	/** Lines of the log that match, rising; those before `head` have left. */
	let found: number[] = [];
	let head = 0;
	/** The number in the index of `found[head]`. */
	let base = 0;
	/** What was looked at: from `low` up to before `high`. */
	let low = 0;
	let high = 0;
	let missed = 0;
	let tooSlow = false;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let notified = 0;
	let version = 0;
	const progress = createStore<FilterProgress>(nothing, sameProgress);
	const listeners = new Set<() => void>();
	const throttle = createThrottle(() => {
		notified = ++version;
		showProgress();
		for (const listener of [...listeners]) {
			listener();
		}
	}, throttleMs);

	/** Of the lines found, those that do not match: notes, and what is kept. */
	const extra = new Set<number>();
	const showProgress = () => {
		const left = Math.max(0, low - log.firstLine) + log.lineCount - high;
		progress.set(
			pattern === undefined
				? { ...nothing, tooSlow }
				: { matching: found.length - head - extra.size, left, missed, tooSlow },
		);
	};
	const dropGone = () => {
		const oldest = log.firstLine;
		while (head < found.length && (found[head] ?? 0) < oldest) {
			extra.delete(found[head] ?? 0);
			head++;
			base++;
		}
		if (head > 65_536) {
			found = found.slice(head);
			head = 0;
		}
		if (low < oldest) {
			missed += Math.max(0, oldest - high);
			low = oldest;
			high = Math.max(high, oldest);
		}
	};
	/** Whether a line belongs to the index. */
	const judge = (wanted: LinePattern, line: number): boolean => {
		const isNote = log.isNote(line);
		if (!isNote && wanted.test(text(line))) {
			return true;
		}
		if (isNote || isKept(line)) {
			extra.add(line);
			return true;
		}
		return false;
	};
	const giveUp = () => {
		const top = found[head] ?? log.firstLine;
		reset(undefined, top);
		tooSlow = true;
	};
	/** Looks at lines until the slice is over. Gives whether any are left. */
	const look = (wanted: LinePattern, until: number): boolean => {
		const above: number[] = [];
		let looked = 0;
		const isOver = () => (wanted.regexp || (++looked & 15) === 0) && performance.now() > until;
		const step = () => {
			while (high < log.lineCount) {
				if (judge(wanted, high)) {
					found.push(high);
				}
				high++;
				if (isOver()) {
					return;
				}
			}
			while (low > log.firstLine) {
				if (judge(wanted, low - 1)) {
					above.push(low - 1);
				}
				low--;
				if (isOver()) {
					return;
				}
			}
		};
		try {
			if (wanted.regexp) {
				withRegexTimeout(step, regexBudgetMs);
			} else {
				step();
			}
		} catch (error) {
			if (!(error instanceof RegexTimeoutError)) {
				throw error;
			}
			giveUp();
			return false;
		}
		if (above.length > 0) {
			base -= above.length;
			found = [...above.reverse(), ...found.slice(head)];
			head = 0;
		}
		return high < log.lineCount || low > log.firstLine;
	};
	const work = () => {
		timer = undefined;
		if (pattern === undefined) {
			return;
		}
		dropGone();
		if (look(pattern, performance.now() + sliceMs)) {
			// Not at once: what comes in and what is pressed has its turn first.
			timer ??= setTimeout(work, 2);
		}
		showProgress();
		throttle.request();
	};
	const unsubscribe = log.changed.subscribe(() => {
		if (pattern === undefined) {
			throttle.request();
		} else if (timer === undefined) {
			work();
		}
	});
	const reset = (next: LinePattern | undefined, anchor: number) => {
		clearTimeout(timer);
		timer = undefined;
		pattern = next;
		found = [];
		extra.clear();
		[head, base, missed] = [0, 0, 0];
		low = Math.min(log.lineCount, Math.max(log.firstLine, anchor));
		high = low;
	};

	const first = () => {
		if (pattern === undefined) {
			return log.firstLine;
		}
		dropGone();
		return base;
	};

	return {
		filter: (next, anchor) => {
			reset(next, anchor);
			tooSlow = false;
			work();
			throttle.request();
		},
		progress,
		toLog: (line) => (pattern === undefined ? line : (found[head + line - base] ?? log.lineCount)),
		fromLog: (line) => {
			if (pattern === undefined) {
				return line;
			}
			let [from, to] = [head, found.length];
			while (from < to) {
				const middle = (from + to) >> 1;
				if ((found[middle] ?? 0) < line) {
					from = middle + 1;
				} else {
					to = middle;
				}
			}
			return base + from - head;
		},
		close: () => {
			clearTimeout(timer);
			throttle.cancel();
			unsubscribe();
		},
		get firstLine() {
			return first();
		},
		get memoryFrom() {
			return first();
		},
		page: () => undefined,
		get lineCount() {
			return pattern === undefined ? log.lineCount : base + found.length - head;
		},
		get byteCount() {
			return log.byteCount + version;
		},
		line: (line) => {
			const at = pattern === undefined ? line : found[head + line - base];
			return at === undefined || (pattern !== undefined && line < base) ? undefined : log.line(at);
		},
		time: (line) => {
			const at = pattern === undefined ? line : found[head + line - base];
			return at === undefined || (pattern !== undefined && line < base) ? undefined : log.time?.(at);
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
