import { isPlainAscii } from '../terminal/cells.ts';
import type { Highlight } from '../terminal/row.ts';
import type { OutputLines } from './output-buffer.ts';

/** True when letters match in either case: the query has no capital. */
export const isFolded = (query: string): boolean => query === query.toLowerCase();

/** Returns the ranges of a text that match a query: letters match in either case, unless the query has a capital. */
export const matchesIn = (text: string, query: string): readonly Highlight[] => {
	if (query === '') {
		return [];
	}
	const lower = text.toLowerCase();
	// Lower-casing can change the length (İ), and then the positions would be wrong, so the text is used as it is.
	const hay = isFolded(query) && lower.length === text.length ? lower : text;
	const found: Highlight[] = [];
	for (let at = hay.indexOf(query); at !== -1; at = hay.indexOf(query, at + query.length)) {
		found.push({ start: at, end: at + query.length });
	}
	return found;
};

/** False for most lines that do not match: in plain ASCII the bytes show that, without making a safe line of each. */
export const mayMatch = (bytes: Uint8Array, query: string): boolean => {
	const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
	if (!isPlainAscii(raw)) {
		return true;
	}
	return (isFolded(query) ? raw.toLowerCase() : raw).includes(query);
};

/**
 * Returns the first line that matches, from `from` on in the direction of `step`, wrapping around.
 * @param text returns the text of a line as it is shown
 */
export const findLine = (
	buffer: OutputLines,
	text: (line: number) => string | undefined,
	query: string,
	from: number,
	step: 1 | -1,
): number | undefined => {
	const count = buffer.lineCount - buffer.firstLine;
	for (let seen = 0; seen < count; seen++) {
		const offset = (((from - buffer.firstLine + seen * step) % count) + count) % count;
		const line = buffer.firstLine + offset;
		const bytes = buffer.line(line);
		if (bytes && mayMatch(bytes, query) && matchesIn(text(line) ?? '', query).length > 0) {
			return line;
		}
	}
	return undefined;
};
