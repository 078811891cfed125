import type { LogChunk } from '../../engine/instance.ts';

/** A line of a log with the time at which Docker received it, by the host's clock. */
export interface StampedLine {
	/** Whole seconds since the epoch; undefined when Docker gave no time. */
	readonly seconds: number | undefined;
	/** The rest of the time, nanoseconds. */
	readonly nanos: number;
	/** The text without its line end. Valid until the next push. */
	readonly bytes: Buffer;
	/** The number of pieces in which Docker stores it: `tail` counts these. */
	readonly pieces: number;
}

/** Splits a log with times into lines. */
export interface StampedCutter {
	push(chunk: LogChunk): StampedLine[];
	/** Returns the rest, which has no line end. */
	end(): StampedLine[];
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const DOT = 46;
const ZERO = 48;
const Z = 90;

/** Docker stores longer lines in pieces of this size. */
const pieceBytes = 16_384;
const longestStamp = 36;

interface Stamp {
	readonly seconds: number;
	readonly nanos: number;
	/** Length of the timestamp, where the text starts. */
	readonly length: number;
}

/** Parses `2026-11-22T03:10:02.123456789Z ` digit by digit: there may be 100,000 in a second. */
const createStampReader = () => {
	let day = '';
	let daySeconds = 0;
	return (bytes: Buffer): Stamp | undefined => {
		if (bytes.length < 20 || bytes[4] !== 45 || bytes[10] !== 84 || bytes[13] !== 58 || bytes[16] !== 58) {
			return undefined;
		}
		const two = (at: number) => ((bytes[at] ?? 0) - ZERO) * 10 + (bytes[at + 1] ?? 0) - ZERO;
		const date = bytes.toString('latin1', 0, 10);
		if (date !== day) {
			day = date;
			daySeconds = Date.parse(`${date}T00:00:00Z`) / 1000;
		}
		let at = 19;
		let nanos = 0;
		if (bytes[at] === DOT) {
			let unit = 100_000_000;
			for (at = 20; at < longestStamp && bytes[at] !== Z; at++) {
				nanos += ((bytes[at] ?? 0) - ZERO) * unit;
				unit /= 10;
			}
		}
		const seconds = daySeconds + two(11) * 3600 + two(14) * 60 + two(17);
		if (bytes[at] !== Z || !Number.isInteger(seconds) || !Number.isInteger(nanos)) {
			return undefined;
		}
		return { seconds, nanos, length: bytes[at + 1] === SPACE ? at + 2 : at + 1 };
	};
};

/** @param maxBytes the rest of a longer line is dropped */
export const createStampedCutter = (maxBytes = 65_536): StampedCutter => {
	const readStamp = createStampReader();
	const open: Record<LogChunk['stream'], { parts: Buffer[]; length: number }> = {
		stdout: { parts: [], length: 0 },
		stderr: { parts: [], length: 0 },
	};
	const toLine = (raw: Buffer): StampedLine => {
		const stamp = readStamp(raw);
		const end = raw[raw.length - 1] === CR ? raw.length - 1 : raw.length;
		const bytes = raw.subarray(stamp?.length ?? 0, end);
		const pieces = 1 + Math.floor(bytes.length / pieceBytes);
		return { seconds: stamp?.seconds, nanos: stamp?.nanos ?? 0, bytes, pieces };
	};
	return {
		push: ({ stream, bytes, begins = false }) => {
			const kept = open[stream];
			const lines: StampedLine[] = [];
			let from = 0;
			if (begins && kept.length > 0) {
				// The next piece of a long line: Docker puts a timestamp in the middle of it.
				from = readStamp(bytes)?.length ?? 0;
			}
			for (let to = bytes.indexOf(LF, from); to !== -1; to = bytes.indexOf(LF, from)) {
				const piece = bytes.subarray(from, to);
				lines.push(toLine(kept.length === 0 ? piece.subarray(0, maxBytes) : Buffer.concat([...kept.parts, piece])));
				open[stream].parts = [];
				kept.length = 0;
				from = to + 1;
			}
			const rest = bytes.subarray(from, from + Math.max(0, maxBytes - kept.length));
			if (rest.length > 0) {
				// Copied, so as not to keep the whole network buffer in memory.
				kept.parts.push(Buffer.from(rest));
				kept.length += rest.length;
			}
			return lines;
		},
		end: () => {
			const lines = [open.stdout, open.stderr].flatMap(({ parts, length }) =>
				length === 0 ? [] : [toLine(Buffer.concat(parts))],
			);
			for (const kept of [open.stdout, open.stderr]) {
				kept.parts = [];
				kept.length = 0;
			}
			return lines;
		},
	};
};
