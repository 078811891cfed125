import type { LineIndex } from './line-index.ts';
import type { Page } from './output-buffer.ts';
import type { Spill } from './spill.ts';

export interface SpilledLinesOptions {
	readonly index: LineIndex;
	/** Length at which a longer line was split. */
	readonly lineBytes: number;
	/** Returns the number of bytes of the stream so far. */
	end(): number;
	read: Spill['read'];
}

/** The lines of a stream that have left the memory, read in ranges. */
export interface SpilledLines {
	line(number: number): Uint8Array | undefined;
	page(number: number): Page | undefined;
}

interface Read extends Page {
	/** Start of each of its lines. */
	readonly starts: readonly number[];
}

const LF = 10;
/** Number of ranges in the cache: those on the screen, and the start of a search. */
const most = 8;

/** Splits a range exactly as it was split on arrival: at LF, and where a line was too long. */
const takeApart = (first: number, bytes: Uint8Array, lineBytes: number): Read => {
	const starts: number[] = [];
	for (let at = 0; at < bytes.length; ) {
		starts.push(at);
		const lf = bytes.indexOf(LF, at);
		const end = lf === -1 ? bytes.length : lf;
		at = end - at > lineBytes ? at + lineBytes : end + 1;
	}
	return { first, count: starts.length, bytes, starts };
};

export const createSpilledLines = ({ index, lineBytes, end, read }: SpilledLinesOptions): SpilledLines => {
	const pages = new Map<number, Read>();
	const pageOf = (number: number): Read | undefined => {
		const stretch = index.stretch(number);
		if (stretch === undefined) {
			return undefined;
		}
		const known = pages.get(stretch.from);
		if (known !== undefined) {
			return known;
		}
		const bytes = read(stretch.from, (stretch.to ?? end()) - stretch.from);
		if (bytes === undefined) {
			return undefined;
		}
		const page = takeApart(stretch.line, bytes, lineBytes);
		// The last one still grows.
		if (stretch.to !== undefined) {
			if (pages.size >= most) {
				pages.delete(pages.keys().next().value ?? 0);
			}
			pages.set(stretch.from, page);
		}
		return page;
	};
	/** A search reads all pages once, each into the buffer of the one before. */
	let scratch = new Uint8Array(0);
	const passing = (number: number): Page | undefined => {
		const stretch = index.stretch(number);
		if (stretch?.to === undefined || stretch.next === undefined) {
			return pageOf(number);
		}
		const length = stretch.to - stretch.from;
		if (scratch.length < length) {
			scratch = new Uint8Array(2 * length);
		}
		const bytes = read(stretch.from, length, scratch);
		return bytes && { first: stretch.line, count: stretch.next - stretch.line, bytes };
	};
	return {
		page: passing,
		line: (number) => {
			const page = pageOf(number);
			const start = page?.starts[number - page.first];
			if (page === undefined || start === undefined) {
				return undefined;
			}
			let stop = page.starts[number - page.first + 1] ?? page.bytes.length;
			if (stop > start && page.bytes[stop - 1] === LF) {
				stop--;
			}
			return page.bytes.subarray(start, stop);
		},
	};
};
