import { cutCells } from './cells.ts';
import type { SafeLine } from './sanitise.ts';
import { isPlain, type SgrStyle, sgrSequence } from './sgr.ts';

/** A row ready for the terminal: printable characters and our own SGR, which is reset at its end. */
export interface Row {
	readonly text: string;
	/** Its width in cells. */
	readonly cells: number;
}

/** A range of a line that is shown inverse, in characters. */
export interface Highlight {
	readonly start: number;
	readonly end: number;
}

export const EMPTY_ROW: Row = { text: '', cells: 0 };

const RESET = '\u001b[0m';

const paint = (line: SafeLine, start: number, end: number, highlights: readonly Highlight[]): string => {
	if (line.looks.length === 0 && highlights.length === 0) {
		return line.text.slice(start, end);
	}
	const edges = new Set([start, end]);
	for (const change of line.looks) {
		edges.add(Math.min(end, Math.max(start, change.start)));
	}
	for (const { start: from, end: to } of highlights) {
		edges.add(Math.min(end, Math.max(start, from)));
		edges.add(Math.min(end, Math.max(start, to)));
	}
	const sorted = [...edges].sort((a, b) => a - b);
	let text = '';
	let now = RESET;
	for (const [index, at] of sorted.entries()) {
		const stop = sorted[index + 1];
		if (stop === undefined) {
			break;
		}
		const base: SgrStyle = line.looks.findLast((change) => change.start <= at)?.look ?? {};
		const inverse = highlights.some((highlight) => highlight.start <= at && highlight.end >= stop);
		const look = inverse ? { ...base, inverse } : base;
		const sequence = isPlain(look) ? RESET : sgrSequence(look);
		text += (sequence === now ? '' : sequence) + line.text.slice(at, stop);
		now = sequence;
	}
	return now === RESET ? text : text + RESET;
};

/**
 * Draws a part of a line as one row.
 * @param start the first character; the row has at most the characters up to `limit`
 * @param skip cells left out at the left (scrolled sideways)
 */
export const drawRow = (
	line: SafeLine,
	options: {
		readonly start?: number;
		readonly limit?: number;
		readonly skip?: number;
		readonly width: number;
		readonly highlights?: readonly Highlight[];
	},
): Row => {
	const start = options.start ?? 0;
	const cut = cutCells(line.text.slice(start, options.limit), options.skip ?? 0, options.width);
	const body = paint(line, start + cut.start, start + cut.end, options.highlights ?? []);
	return { text: ' '.repeat(cut.before) + body + ' '.repeat(cut.after), cells: cut.cells };
};
