/** A range of a stream that begins with a line. */
export interface Stretch {
	readonly line: number;
	readonly from: number;
	/** The offset and the line after it; undefined: it is the last one, and still grows. */
	readonly to: number | undefined;
	readonly next: number | undefined;
}

/** Index of the lines of a long stream, in little memory: an entry for every 64 KiB, and one for every second in which lines arrived. */
export interface LineIndex {
	/** Records that a line begins at this offset; call it once for each line, in order. */
	begins(line: number, offset: number, time: number): void;
	/** Returns the range that contains a line. */
	stretch(line: number): Stretch | undefined;
	/** Returns the arrival time of a line, to the second, ms since the epoch. */
	time(line: number): number | undefined;
}

const stretchBytes = 64 * 1024;
const second = 1000;

/** Returns the last index whose value is not above this one; -1 when there is none. */
const lastAt = (values: readonly number[], value: number): number => {
	let low = 0;
	let high = values.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((values[middle] ?? 0) <= value) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low - 1;
};

export const createLineIndex = (): LineIndex => {
	const lines: number[] = [];
	const offsets: number[] = [];
	const timed: number[] = [];
	const seconds: number[] = [];
	return {
		begins: (line, offset, time) => {
			if (offset >= (offsets.at(-1) ?? -stretchBytes) + stretchBytes) {
				lines.push(line);
				offsets.push(offset);
			}
			const now = Math.floor(time / second);
			if (seconds.at(-1) !== now) {
				timed.push(line);
				seconds.push(now);
			}
		},
		stretch: (line) => {
			const at = lastAt(lines, line);
			const [first, from] = [lines[at], offsets[at]];
			return first === undefined || from === undefined
				? undefined
				: { line: first, from, to: offsets[at + 1], next: lines[at + 1] };
		},
		time: (line) => {
			const at = seconds[lastAt(timed, line)];
			return at === undefined ? undefined : at * second;
		},
	};
};
