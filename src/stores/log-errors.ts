import type { LogIndex } from './log-index.ts';
import { RegexTimeoutError, withRegexTimeout } from './regex-timeout.ts';

/** Longest slice of work, ms: a key press waits at most this long. */
const sliceMs = 6;
/** Time limit for the runbook's expressions in one slice, ms. */
const regexBudgetMs = 150;
/** Pause between two slices, ms. */
const pauseMs = 2;

/** The position of an error among all errors. */
export interface ErrorPlace {
	/** Number of the error, from 1, the oldest in memory. */
	readonly number: number;
	readonly of: number;
}

/** The numbers of a log's lines that are errors. Each line is tested once, when the errors are first counted. */
export class LogErrors {
	readonly #index: LogIndex;
	readonly #log: { readonly firstLine: number; readonly lineCount: number };
	readonly #isError: (line: number) => boolean;
	/** In ascending order; tested are the lines from `#low` up to before `#high`. */
	#found: number[] = [];
	#low = 0;
	#high = 0;
	#current = 0;

	/** @param isError tells if a line of the log is an error */
	constructor(
		index: LogIndex,
		log: { readonly firstLine: number; readonly lineCount: number },
		isError: (line: number) => boolean,
	) {
		this.#index = index;
		this.#log = log;
		this.#isError = isError;
	}

	cancel(): void {
		this.#current++;
	}

	/**
	 * Returns the position of an error among those in memory that pass the filter. Undefined when another request has come meanwhile, or the
	 * runbook's expressions take too long.
	 */
	async place(line: number): Promise<ErrorPlace | undefined> {
		const mine = ++this.#current;
		this.#dropGone();
		while (this.#high < this.#log.lineCount || this.#low > this.#log.firstLine) {
			if (!this.#slice()) {
				return undefined;
			}
			if (this.#high < this.#log.lineCount || this.#low > this.#log.firstLine) {
				await new Promise((resolve) => setTimeout(resolve, pauseMs));
				if (mine !== this.#current) {
					return undefined;
				}
				this.#dropGone();
			}
		}
		const shown = this.#found.filter((each) => this.#index.toLog(this.#index.fromLog(each)) === each);
		const at = shown.indexOf(line);
		return at < 0 ? undefined : { number: at + 1, of: shown.length };
	}

	#dropGone(): void {
		const { firstLine, lineCount } = this.#log;
		if (this.#low === this.#high) {
			this.#low = Math.max(firstLine, lineCount);
			this.#high = this.#low;
		}
		if (this.#low < firstLine) {
			this.#found = this.#found.filter((line) => line >= firstLine);
			this.#low = firstLine;
			this.#high = Math.max(this.#high, firstLine);
		}
	}

	/** Tests lines until the slice is over. False when an expression took too long. */
	#slice(): boolean {
		const above: number[] = [];
		try {
			withRegexTimeout(() => this.#testLines(above, performance.now() + sliceMs), regexBudgetMs);
			return true;
		} catch (error) {
			if (!(error instanceof RegexTimeoutError)) {
				throw error;
			}
			return false;
		} finally {
			this.#found.unshift(...above.reverse());
		}
	}

	#testLines(above: number[], until: number): void {
		while (this.#high < this.#log.lineCount) {
			if (this.#isError(this.#high)) {
				this.#found.push(this.#high);
			}
			this.#high++;
			if (performance.now() > until) {
				return;
			}
		}
		while (this.#low > this.#log.firstLine) {
			this.#low--;
			if (this.#isError(this.#low)) {
				above.push(this.#low);
			}
			if (performance.now() > until) {
				return;
			}
		}
	}
}
