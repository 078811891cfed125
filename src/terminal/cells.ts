import stringWidth from './fast-width.ts';

// Widths of code points beyond ASCII from string-width. It takes microseconds a call, so they are cached; the limit keeps a stream of
// random code points from filling the memory.
const remembered = new Map<number, number>();
const MOST_REMEMBERED = 8192;

/** Returns the cells of a code point: 0, 1 or 2. Conjoining Hangul vowels and finals join the syllable before them. */
export const codePointWidth = (codePoint: number): number => {
	if (codePoint >= 0x20 && codePoint < 0x7f) {
		return 1;
	}
	if ((codePoint >= 0x1160 && codePoint <= 0x11ff) || (codePoint >= 0xd7b0 && codePoint <= 0xd7ff)) {
		return 0;
	}
	const known = remembered.get(codePoint);
	if (known !== undefined) {
		return known;
	}
	const width = Math.min(2, stringWidth(String.fromCodePoint(codePoint)));
	if (remembered.size >= MOST_REMEMBERED) {
		remembered.clear();
	}
	remembered.set(codePoint, width);
	return width;
};

/** True when every character is printable ASCII, so that cells and characters are the same. */
export const isPlainAscii = (text: string): boolean => !/[^ -~]/.test(text);

/** Returns the cells of a text in a row. The text is sanitised: it has no control characters and no escape sequences. */
export const cellWidth = (text: string): number => {
	if (isPlainAscii(text)) {
		return text.length;
	}
	let width = 0;
	for (const character of text) {
		width += codePointWidth(character.codePointAt(0) ?? 0);
	}
	return width;
};

/** A range of a text, in characters, with the spaces that replace halves of wide characters at its edges. */
export interface Cut {
	readonly start: number;
	readonly end: number;
	readonly before: number;
	readonly after: number;
	/** Its width in cells, spaces included. */
	readonly cells: number;
}

/** Finds the characters in cells `from` to `from + width`. A wide character cut in half counts as blank cells. */
export const cutCells = (text: string, from: number, width: number): Cut => {
	if (isPlainAscii(text)) {
		const start = Math.min(from, text.length);
		const end = Math.min(from + width, text.length);
		return { start, end, before: 0, after: 0, cells: end - start };
	}
	const stop = from + width;
	let cell = 0;
	let index = 0;
	let start = -1;
	let before = 0;
	let after = 0;
	for (const character of text) {
		const wide = codePointWidth(character.codePointAt(0) ?? 0);
		if (start === -1) {
			if (cell >= from && wide > 0) {
				start = index;
				before = cell - from;
			}
		}
		if (start === -1 && cell < from && cell + wide > from && cell + wide >= stop) {
			return { start: index, end: index, before: Math.min(width, cell + wide - from), after: 0, cells: width };
		}
		if (cell + wide > stop) {
			after = stop - cell;
			break;
		}
		if (wide > 0 && cell >= stop) {
			break;
		}
		cell += wide;
		index += character.length;
	}
	if (start === -1) {
		return { start: index, end: index, before: 0, after: 0, cells: 0 };
	}
	return { start, end: index, before, after, cells: cell - from + after };
};

/** Returns the part of a sanitised text that shows in `width` cells from cell `from` on; never wider than `width`. */
export const sliceCells = (text: string, from: number, width: number): string => {
	const cut = cutCells(text, Math.max(0, from), Math.max(0, width));
	return ' '.repeat(cut.before) + text.slice(cut.start, cut.end) + ' '.repeat(cut.after);
};

/** Cuts a sanitised text to `width` cells, with `…` in the last one when something was cut off. */
export const truncateCells = (text: string, width: number): string => {
	if (width <= 0) {
		return '';
	}
	return cellWidth(text) <= width ? text : `${sliceCells(text, 0, width - 1)}…`;
};

/** Pads with spaces, or cuts, to exactly `width` cells. */
export const fitCells = (text: string, width: number): string => {
	const cut = truncateCells(text, width);
	return cut + ' '.repeat(Math.max(0, width - cellWidth(cut)));
};

/** Returns the start of each row, in characters, of a text wrapped at `width` cells. At least one row. */
export const wrapStarts = (text: string, width: number): readonly number[] => {
	const starts = [0];
	const room = Math.max(1, width);
	if (isPlainAscii(text)) {
		for (let at = room; at < text.length; at += room) {
			starts.push(at);
		}
		return starts;
	}
	let cell = 0;
	let index = 0;
	for (const character of text) {
		const wide = codePointWidth(character.codePointAt(0) ?? 0);
		if (wide > 0 && cell > 0 && cell + wide > room) {
			starts.push(index);
			cell = 0;
		}
		cell += wide;
		index += character.length;
	}
	return starts;
};
