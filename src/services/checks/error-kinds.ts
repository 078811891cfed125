/** Maximum length of a line's kind: the text after it only identifies the instance. */
const longestKind = 300;
/** Maximum number of kinds; if every error of a log is different, none of them was there before. */
const mostKinds = 500;

/** Returns an error line without the parts that vary: numbers, times, hexadecimal ids. Two lines of the same kind are the same error. */
export const kindOf = (line: string): string =>
	line
		.slice(0, 2 * longestKind)
		.replace(/\b(?:0x)?[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '#')
		.replace(/\d+/g, '#')
		.replace(/#(?:[.,:TZ+-]+#)+Z?/g, '#')
		.slice(0, longestKind);

/** Counts the error lines of each kind that one process of a container has written, and their period. */
export class ErrorKinds {
	readonly #counts = new Map<string, number>();

	add(line: string): void {
		this.#count(kindOf(line), 1);
	}

	addAll(others: ErrorKinds): void {
		for (const [kind, count] of others.#counts) {
			this.#count(kind, count);
		}
	}

	/** Kinds beyond the maximum are counted together, under a kind that the earlier process never had. */
	#count(kind: string, more: number): void {
		const name = this.#counts.has(kind) || this.#counts.size < mostKinds ? kind : '';
		this.#counts.set(name, (this.#counts.get(name) ?? 0) + more);
	}

	/**
	 * Counts the lines whose kind the earlier process did not write at all, or both fewer times and less often.
	 *
	 * @param before the counts of the earlier process
	 * @param ms the duration of both processes, as far as their logs were read
	 */
	moreThan(before: ErrorKinds, ms: { readonly now: number; readonly before: number }): number {
		let more = 0;
		for (const [kind, count] of this.#counts) {
			const earlier = kind === '' ? 0 : (before.#counts.get(kind) ?? 0);
			const asMany = earlier >= count;
			const asOften = ms.now > 0 && ms.before > 0 && earlier / ms.before >= count / ms.now;
			more += earlier > 0 && (asMany || asOften) ? 0 : count;
		}
		return more;
	}
}
