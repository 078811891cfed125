import type { LogIndex } from './log-index.ts';
import type { Found, LogViewStore } from './log-view-state.ts';
import { RegexTimeoutError, withRegexTimeout } from './regex-timeout.ts';

/** Longest slice of work, ms: a key press waits at most this long. */
const sliceMs = 6;
/** Time limit for one line, ms. */
const regexBudgetMs = 150;
/** Pause between two slices, ms. */
const pauseMs = 2;

/** A search for one line in an index. */
export interface LogSearchRequest {
	readonly kind: 'match' | 'error';
	/** Description of the search, for the heading. */
	readonly words: string;
	/** True when the test runs a regular expression of the operator, which may take for ever. */
	readonly regexp: boolean;
	/** Tells if a line of the index is wanted. */
	test(line: number): boolean;
	/** The line of the index that is tested first. */
	readonly from: number;
	readonly step: 1 | -1;
}

/** A search in progress. */
interface Pass {
	readonly first: number;
	readonly count: number;
	at: number;
	seen: number;
	hit: number | undefined;
}

/** Searches an index for single lines, in slices, wrapping around. A new search cancels the one before. */
export class LogSearch {
	readonly #index: LogIndex;
	readonly #state: LogViewStore;
	readonly #reveal: (line: number) => void;
	#current = 0;
	#last: number | undefined;

	/** @param reveal brings a line of the index into view */
	constructor(index: LogIndex, state: LogViewStore, reveal: (line: number) => void) {
		this.#index = index;
		this.#state = state;
		this.#reveal = reveal;
	}

	/** The last line found, by its number in the index; the next search begins beside it. */
	get last(): number | undefined {
		return this.#last === undefined ? undefined : this.#index.fromLog(this.#last);
	}

	cancel(): void {
		this.#current++;
	}

	/** Cancels a search and forgets the last line found. */
	reset(): void {
		this.cancel();
		this.#last = undefined;
	}

	async run(request: LogSearchRequest): Promise<Found> {
		const mine = ++this.#current;
		const first = this.#index.firstLine;
		const pass: Pass = { first, count: this.#index.lineCount - first, at: request.from, seen: 0, hit: undefined };
		while (pass.seen < pass.count) {
			if (!this.#slice(request, pass)) {
				this.#state.change({ looking: undefined });
				return 'too slow';
			}
			if (pass.hit !== undefined) {
				this.#show(request.kind, pass.hit);
				return 'found';
			}
			if (pass.seen < pass.count) {
				const percent = Math.floor((100 * pass.seen) / pass.count);
				this.#state.change({ looking: `looking for ${request.words}, ${percent}%` });
				await new Promise((resolve) => setTimeout(resolve, pauseMs));
				if (mine !== this.#current) {
					return 'broken off';
				}
			}
		}
		this.#state.change({ looking: undefined });
		return 'nothing';
	}

	/** Tests lines until one is found or the slice is over. False when a regular expression took too long. */
	#slice(request: LogSearchRequest, pass: Pass): boolean {
		const until = performance.now() + sliceMs;
		if (!request.regexp) {
			testLines(request, pass, until);
			return true;
		}
		try {
			withRegexTimeout(() => testLines(request, pass, until), regexBudgetMs);
			return true;
		} catch (error) {
			if (!(error instanceof RegexTimeoutError)) {
				throw error;
			}
			return false;
		}
	}

	#show(kind: LogSearchRequest['kind'], hit: number): void {
		this.#last = this.#index.toLog(hit);
		this.#state.change({ looking: undefined, error: kind === 'error' ? this.#last : undefined, place: undefined });
		this.#reveal(hit);
	}
}

const testLines = ({ test, step, regexp }: LogSearchRequest, pass: Pass, until: number): void => {
	const { first, count } = pass;
	while (pass.seen < count) {
		const line = first + ((((pass.at - first) % count) + count) % count);
		if (test(line)) {
			pass.hit = line;
			return;
		}
		pass.at += step;
		pass.seen++;
		if ((regexp || (pass.seen & 15) === 0) && performance.now() > until) {
			return;
		}
	}
};
