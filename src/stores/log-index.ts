import { FilteredLines } from './filtered-lines.ts';
import type { LinePattern } from './line-pattern.ts';
import type { LogLines } from './log-lines.ts';
import type { OutputLines } from './output-buffer.ts';
import { RegexTimeoutError, withRegexTimeout } from './regex-timeout.ts';
import { createStore, type Readable } from './store.ts';
import { createThrottledChanges, type ThrottledChanges } from './throttled-changes.ts';

/** Progress of a filter. */
export interface FilterProgress {
	/** Matching lines in memory, of those tested so far. */
	readonly matching: number;
	/** Lines in memory that have not been tested yet. */
	readonly left: number;
	/** Lines that left the memory before they were tested. */
	readonly missed: number;
	/** True when the pattern takes too long for a single line: it was given up, and nothing is filtered. */
	readonly tooSlow: boolean;
}

/**
 * A log through a filter: the lines that match, with numbers of their own. Number 0 is the first match at or below the place where the
 * filter was set; without a filter lines have the same numbers as in the log.
 */
export interface LogIndex extends OutputLines {
	/** Tests the lines in memory from `anchor` on, down and then up, and each new line. Undefined: all lines pass. */
	filter(pattern: LinePattern | undefined, anchor: number): void;
	readonly progress: Readable<FilterProgress>;
	/** Returns the number in the log of a line of the index. */
	toLog(line: number): number;
	/** Returns the first line of the index at or below a line of the log. */
	fromLog(line: number): number;
	close(): void;
}

/** Longest slice of work, ms: a key press waits at most this long. */
const sliceMs = 6;
/** Time limit for one line, ms. */
const regexBudgetMs = 150;
/** Pause between two slices, ms: input and new lines come first. */
const pauseMs = 2;
const throttleMs = 40;
const nothing: FilterProgress = { matching: 0, left: 0, missed: 0, tooSlow: false };
const sameProgress = (a: FilterProgress, b: FilterProgress) =>
	a.matching === b.matching && a.left === b.left && a.missed === b.missed && a.tooSlow === b.tooSlow;

/**
 * @param text returns the text of a line of the log as it is shown
 * @param isKept tells if a line is shown whether it matches or not: those that the operator has marked
 */
export const createLogIndex = (
	log: LogLines,
	text: (line: number) => string,
	isKept: (line: number) => boolean,
): LogIndex => new SlicedLogIndex(log, text, isKept);

/** An index that is made in slices: it tests as many lines as the event loop has time for. */
class SlicedLogIndex implements LogIndex {
	readonly progress = createStore<FilterProgress>(nothing, sameProgress);
	readonly changed: Readable<number>;
	readonly #log: LogLines;
	readonly #text: (line: number) => string;
	readonly #isKept: (line: number) => boolean;
	readonly #changes: ThrottledChanges;
	readonly #unsubscribe: () => void;
	readonly #found = new FilteredLines();
	#pattern: LinePattern | undefined;
	/** The lines tested so far: from `#low` up to before `#high`. */
	#low = 0;
	#high = 0;
	#missed = 0;
	#tooSlow = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#version = 0;

	constructor(log: LogLines, text: (line: number) => string, isKept: (line: number) => boolean) {
		this.#log = log;
		this.#text = text;
		this.#isKept = isKept;
		this.#changes = createThrottledChanges(() => {
			this.#version++;
			this.#showProgress();
			return this.#version;
		}, throttleMs);
		this.changed = this.#changes.changed;
		this.#unsubscribe = log.changed.subscribe(() => {
			if (this.#pattern === undefined) {
				this.#changes.request();
			} else if (this.#timer === undefined) {
				this.#work();
			}
		});
	}

	get firstLine(): number {
		if (this.#pattern === undefined) {
			return this.#log.firstLine;
		}
		this.#dropGone();
		return this.#found.first;
	}

	get memoryFrom(): number {
		return this.firstLine;
	}

	get lineCount(): number {
		return this.#pattern === undefined ? this.#log.lineCount : this.#found.end;
	}

	get byteCount(): number {
		return this.#log.byteCount + this.#version;
	}

	filter(pattern: LinePattern | undefined, anchor: number): void {
		this.#reset(pattern, anchor);
		this.#tooSlow = false;
		this.#work();
		this.#changes.request();
	}

	toLog(line: number): number {
		return this.#pattern === undefined ? line : (this.#found.line(line) ?? this.#log.lineCount);
	}

	fromLog(line: number): number {
		return this.#pattern === undefined ? line : this.#found.number(line);
	}

	line(line: number): Uint8Array | undefined {
		const at = this.#lineOfLog(line);
		return at === undefined ? undefined : this.#log.line(at);
	}

	time(line: number): number | undefined {
		const at = this.#lineOfLog(line);
		return at === undefined ? undefined : this.#log.time?.(at);
	}

	page(): undefined {
		return undefined;
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#changes.cancel();
		this.#unsubscribe();
	}

	/** Returns the line of the log; undefined for one that has left. */
	#lineOfLog(line: number): number | undefined {
		if (this.#pattern === undefined) {
			return line;
		}
		return line < this.#found.first ? undefined : this.#found.line(line);
	}

	#reset(pattern: LinePattern | undefined, anchor: number): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#pattern = pattern;
		this.#found.clear();
		this.#missed = 0;
		this.#low = Math.min(this.#log.lineCount, Math.max(this.#log.firstLine, anchor));
		this.#high = this.#low;
	}

	#showProgress(): void {
		const left = Math.max(0, this.#low - this.#log.firstLine) + this.#log.lineCount - this.#high;
		this.progress.set(
			this.#pattern === undefined
				? { ...nothing, tooSlow: this.#tooSlow }
				: { matching: this.#found.matching, left, missed: this.#missed, tooSlow: this.#tooSlow },
		);
	}

	#dropGone(): void {
		const oldest = this.#log.firstLine;
		this.#found.dropBefore(oldest);
		if (this.#low < oldest) {
			this.#missed += Math.max(0, oldest - this.#high);
			this.#low = oldest;
			this.#high = Math.max(this.#high, oldest);
		}
	}

	#work(): void {
		this.#timer = undefined;
		if (this.#pattern === undefined) {
			return;
		}
		this.#dropGone();
		if (this.#testSlice(this.#pattern)) {
			this.#timer ??= setTimeout(() => this.#work(), pauseMs);
		}
		this.#showProgress();
		this.#changes.request();
	}

	/** Tests lines until the slice is over. Returns true when some are left. */
	#testSlice(wanted: LinePattern): boolean {
		const above: number[] = [];
		const until = performance.now() + sliceMs;
		if (!wanted.regexp) {
			this.#testLines(wanted, above, until);
		} else {
			try {
				withRegexTimeout(() => this.#testLines(wanted, above, until), regexBudgetMs);
			} catch (error) {
				if (!(error instanceof RegexTimeoutError)) {
					throw error;
				}
				this.#giveUp();
				return false;
			}
		}
		this.#found.prepend(above);
		return this.#high < this.#log.lineCount || this.#low > this.#log.firstLine;
	}

	#testLines(wanted: LinePattern, above: number[], until: number): void {
		let tested = 0;
		const isOver = () => (wanted.regexp || (++tested & 15) === 0) && performance.now() > until;
		while (this.#high < this.#log.lineCount) {
			if (this.#isShown(wanted, this.#high)) {
				this.#found.append(this.#high);
			}
			this.#high++;
			if (isOver()) {
				return;
			}
		}
		while (this.#low > this.#log.firstLine) {
			if (this.#isShown(wanted, this.#low - 1)) {
				above.push(this.#low - 1);
			}
			this.#low--;
			if (isOver()) {
				return;
			}
		}
	}

	#isShown(wanted: LinePattern, line: number): boolean {
		const isNote = this.#log.isNote(line);
		if (!isNote && wanted.test(this.#text(line))) {
			return true;
		}
		if (isNote || this.#isKept(line)) {
			this.#found.addExtra(line);
			return true;
		}
		return false;
	}

	#giveUp(): void {
		this.#reset(undefined, this.#found.line(this.#found.first) ?? this.#log.firstLine);
		this.#tooSlow = true;
	}
}
