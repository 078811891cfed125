import { isSingleCell } from './fast-width.ts';

/** A character of a row, with the SGR sequences since the last reset. */
interface Cell {
	readonly character: string;
	readonly style: string;
}

const CSI = '\u001b[';
const RESET = `${CSI}0m`;
const sgr = /\u001b\[([\d;:]*)m/y;

/** Returns the style after another SGR sequence: one that begins with a reset replaces the old one (ECMA-48, 8.3.117; no number is 0). */
const styleAfter = (style: string, sequence: string, parameters: string): string =>
	/^0*$/.test(parameters) ? '' : /^0*;/.test(parameters) ? sequence : style + sequence;

/** Returns the cells of a row; undefined if a character does not take exactly one cell, or if it has a sequence other than SGR. */
const cellsOf = (text: string): readonly Cell[] | undefined => {
	const cells: Cell[] = [];
	let style = '';
	for (let at = 0; at < text.length; ) {
		if (text.charCodeAt(at) === 0x1b) {
			sgr.lastIndex = at;
			const found = sgr.exec(text);
			if (found === null) {
				return undefined;
			}
			style = styleAfter(style, found[0], found[1] ?? '');
			at = sgr.lastIndex;
			continue;
		}
		if (!isSingleCell(text.charCodeAt(at))) {
			return undefined;
		}
		cells.push({ character: text.charAt(at), style });
		at++;
	}
	return cells;
};

const isSame = (one: Cell | undefined, other: Cell | undefined): boolean =>
	one !== undefined && other !== undefined && one.character === other.character && one.style === other.style;

/** Counts the characters that two texts have in common at their beginnings and at their ends. */
const inCommon = (one: string, other: string): number => {
	const shorter = Math.min(one.length, other.length);
	let front = 0;
	while (front < shorter && one.charCodeAt(front) === other.charCodeAt(front)) {
		front++;
	}
	let back = 0;
	while (
		back < shorter - front &&
		one.charCodeAt(one.length - 1 - back) === other.charCodeAt(other.length - 1 - back)
	) {
		back++;
	}
	return front + back;
};

/**
 * Returns the output that changes a row on the screen into another one, by writing only the cells from the first to the last that differ.
 * Undefined when the cells cannot be derived from the text, or writing the whole row takes no more.
 * @param row 0 at the top
 * @param before what was painted into the row, which is blank after it
 */
export const rowChange = (row: number, before: string, after: string): string | undefined => {
	// Rows that scroll have little in common, so comparing each cell is not worthwhile.
	if (inCommon(before, after) * 4 < after.length) {
		return undefined;
	}
	const [old, next] = [cellsOf(before), cellsOf(after)];
	if (old === undefined || next === undefined) {
		return undefined;
	}
	let first = 0;
	while (first < next.length && isSame(old[first], next[first])) {
		first++;
	}
	let end = next.length;
	if (old.length === next.length) {
		while (end > first && isSame(old[end - 1], next[end - 1])) {
			end--;
		}
	}
	let output = `${CSI}${row + 1};${first + 1}H${RESET}`;
	let style = '';
	for (const cell of next.slice(first, end)) {
		if (cell.style !== style) {
			output += (style === '' || cell.style === '' ? '' : RESET) + (cell.style === '' ? RESET : cell.style);
			style = cell.style;
		}
		output += cell.character;
	}
	output += (style === '' ? '' : RESET) + (old.length > next.length ? `${CSI}K` : '');
	return output.length < after.length ? output : undefined;
};
