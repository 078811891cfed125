/** A line of a log on its way into memory. */
export interface LogEntry {
	/** The index of the line's source, 0 to 126. */
	readonly source: number;
	/** The time when Docker received it, ms since the epoch with fractions, by the host's clock. */
	readonly time: number;
	/** True for a note by backout, not the service's output: it was restarted, the link was lost. */
	readonly note?: boolean;
	/** The text without a line end. Copied when it is added. */
	readonly bytes: Uint8Array;
}

const NOTE = 128;

/** A page of a log in memory, for a fixed number of lines and bytes. It is cleared and reused. */
export class LogPage {
	readonly #bytes: Uint8Array;
	/** Start of each line, and after the last one its end. */
	readonly #starts: Uint32Array;
	readonly #times: Float64Array;
	/** The source, plus 128 for a note. */
	readonly #marks: Uint8Array;
	/** The number of the first line. */
	first = 0;
	#count = 0;
	#notes = 0;

	constructor(bytes: number, lines: number) {
		this.#bytes = new Uint8Array(bytes);
		this.#starts = new Uint32Array(lines + 1);
		this.#times = new Float64Array(lines);
		this.#marks = new Uint8Array(lines);
	}

	/** The number after the last line's. */
	get end(): number {
		return this.first + this.#count;
	}

	/** Lines that are not notes. */
	get held(): number {
		return this.#count - this.#notes;
	}

	has(line: number): boolean {
		return line >= this.first && line < this.first + this.#count;
	}

	clear(first: number): this {
		this.first = first;
		this.#count = 0;
		this.#notes = 0;
		this.#starts[0] = 0;
		return this;
	}

	/** Copies a line, cut if it is longer than a page. Returns its length in bytes, or undefined when there is no room. */
	put({ source, time, note = false, bytes }: LogEntry): number | undefined {
		const size = this.#bytes.length;
		const start = this.#starts[this.#count] ?? 0;
		const taken = bytes.length > size ? bytes.subarray(0, size) : bytes;
		if (this.#count === this.#times.length || start + taken.length > size) {
			return undefined;
		}
		this.#bytes.set(taken, start);
		this.#times[this.#count] = time;
		this.#marks[this.#count] = source | (note ? NOTE : 0);
		this.#count++;
		this.#starts[this.#count] = start + taken.length;
		this.#notes += note ? 1 : 0;
		return taken.length;
	}

	line(line: number): Uint8Array {
		const at = line - this.first;
		return this.#bytes.subarray(this.#starts[at], this.#starts[at + 1]);
	}

	time(line: number): number | undefined {
		return this.#times[line - this.first];
	}

	source(line: number): number {
		return (this.#marks[line - this.first] ?? 0) & (NOTE - 1);
	}

	isNote(line: number): boolean {
		return ((this.#marks[line - this.first] ?? 0) & NOTE) !== 0;
	}
}
