import type { OutputLines } from './output-buffer.ts';
import { isFolded, matchesIn, mayMatch } from './pane-search.ts';

export interface DeepSearch {
	readonly query: string;
	/** The first line that is searched. */
	readonly from: number;
	readonly step: 1 | -1;
	/** Returns the text of a line as it is shown. */
	text(line: number): string | undefined;
	/** Called now and then with the part of all lines that has been searched, 0 to 1. */
	onProgress(part: number): void;
	/** Called once, at the end. */
	onFound(line: number | undefined): void;
}

/** Length of a search slice, ms: a key press waits at most this long. */
const sliceMs = 5;
const progressMs = 200;

/** Anything but plain ASCII and line ends. */
const unusual = /[^\n -~]/;

/** False when a whole page can be skipped: in plain text its bytes show that. */
const pageMayMatch = (bytes: Uint8Array, query: string): boolean => {
	const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
	if ((isFolded(query) ? raw.toLowerCase() : raw).includes(query)) {
		return true;
	}
	// In anything but plain text the bytes of a match may differ from what is shown.
	return unusual.test(raw);
};

/**
 * Searches all of an output, also the spilled part, wrapping around. It works in slices, so that the screen stays responsive.
 * @returns a function that ends it; nothing is called afterwards
 */
export const searchDeep = (buffer: OutputLines, search: DeepSearch): (() => void) => {
	const { query, step, text, onProgress, onFound } = search;
	const { firstLine, lineCount } = buffer;
	const total = lineCount - firstLine;
	let seen = 0;
	const outside = search.from >= lineCount || search.from < firstLine;
	const begin = step === 1 ? firstLine : lineCount - 1;
	let line = outside ? begin : search.from;
	let told = performance.now();
	let timer: NodeJS.Immediate;

	const move = (count: number) => {
		seen += count;
		line += step * count;
		if (line >= lineCount || line < firstLine) {
			line = begin;
		}
	};
	/** Returns the lines of this page from here on in the direction of the search. */
	const leftOf = (page: { readonly first: number; readonly count: number }) =>
		Math.max(1, step === 1 ? page.first + page.count - line : line - page.first + 1);

	const slice = () => {
		const until = performance.now() + sliceMs;
		let passOver = 0;
		let looked = -1;
		while (seen < total) {
			const page = line < buffer.memoryFrom ? buffer.page(line) : undefined;
			if (page !== undefined && page.first !== looked) {
				looked = page.first;
				passOver = pageMayMatch(page.bytes, query) ? 0 : leftOf(page);
			}
			if (page !== undefined && passOver > 0) {
				move(passOver);
				passOver = 0;
				looked = -1;
			} else {
				const bytes = buffer.line(line);
				if (bytes && mayMatch(bytes, query) && matchesIn(text(line) ?? '', query).length > 0) {
					onFound(line);
					return;
				}
				move(1);
			}
			if (performance.now() >= until) {
				if (performance.now() - told > progressMs) {
					told = performance.now();
					onProgress(seen / total);
				}
				timer = setImmediate(slice);
				return;
			}
		}
		onFound(undefined);
	};
	timer = setImmediate(slice);
	return () => clearImmediate(timer);
};
