/** Gone entries at the head of the list before it is copied without them. */
const mostGone = 65_536;

/**
 * Lines of a log that a filter lets through, rising, with numbers of their own. They come below the last one and above the
 * first one, and leave from the first one on; number 0 is the first that came.
 */
export class FilteredLines {
	/** Lines of the log; those before `#head` have left. */
	#lines: number[] = [];
	#head = 0;
	/** The number of `#lines[#head]`. */
	#first = 0;
	/** Those that do not match: notes, and marked lines. */
	readonly #extra = new Set<number>();

	get first(): number {
		return this.#first;
	}

	/** The number after that of the last one. */
	get end(): number {
		return this.#first + this.#lines.length - this.#head;
	}

	/** How many match. */
	get matching(): number {
		return this.#lines.length - this.#head - this.#extra.size;
	}

	/** The line of the log with a number; undefined where there is none. */
	line(number: number): number | undefined {
		return this.#lines[this.#head + number - this.#first];
	}

	/** The number of the first line at or below a line of the log. */
	number(line: number): number {
		let [from, to] = [this.#head, this.#lines.length];
		while (from < to) {
			const middle = (from + to) >> 1;
			if ((this.#lines[middle] ?? 0) < line) {
				from = middle + 1;
			} else {
				to = middle;
			}
		}
		return this.#first + from - this.#head;
	}

	append(line: number): void {
		this.#lines.push(line);
	}

	/** @param lines the lowest one first */
	prepend(lines: number[]): void {
		if (lines.length > 0) {
			this.#first -= lines.length;
			this.#lines = [...lines.reverse(), ...this.#lines.slice(this.#head)];
			this.#head = 0;
		}
	}

	/** Notes that a line is let through though it does not match. */
	addExtra(line: number): void {
		this.#extra.add(line);
	}

	/** Lets go of lines that have left the log. */
	dropBefore(oldest: number): void {
		while (this.#head < this.#lines.length && (this.#lines[this.#head] ?? 0) < oldest) {
			this.#extra.delete(this.#lines[this.#head] ?? 0);
			this.#head++;
			this.#first++;
		}
		if (this.#head > mostGone) {
			this.#lines = this.#lines.slice(this.#head);
			this.#head = 0;
		}
	}

	clear(): void {
		this.#lines = [];
		this.#extra.clear();
		this.#head = 0;
		this.#first = 0;
	}
}
