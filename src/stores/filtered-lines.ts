/** Number of removed entries at the head of the list before it is copied without them. */
const mostGone = 65_536;

/**
 * Lines of a log that pass a filter, in ascending order, with numbers of their own. New ones come after the last and before the first, and
 * the first ones leave; number 0 is the first that was added.
 */
export class FilteredLines {
	/** Lines of the log; those before `#head` have left. */
	#lines: number[] = [];
	#head = 0;
	/** The number of `#lines[#head]`. */
	#first = 0;
	/** Lines that do not match: notes, and marked lines. */
	readonly #extra = new Set<number>();

	get first(): number {
		return this.#first;
	}

	/** The number after the last one's. */
	get end(): number {
		return this.#first + this.#lines.length - this.#head;
	}

	/** The number of lines that match. */
	get matching(): number {
		return this.#lines.length - this.#head - this.#extra.size;
	}

	/** Returns the line of the log with a number; undefined if there is none. */
	line(number: number): number | undefined {
		return this.#lines[this.#head + number - this.#first];
	}

	/** Returns the number of the first line at or below a line of the log. */
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

	/** @param lines in ascending order */
	prepend(lines: number[]): void {
		if (lines.length > 0) {
			this.#first -= lines.length;
			this.#lines = [...lines.reverse(), ...this.#lines.slice(this.#head)];
			this.#head = 0;
		}
	}

	/** Records that a line passes although it does not match. */
	addExtra(line: number): void {
		this.#extra.add(line);
	}

	/** Removes lines that have left the log. */
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
