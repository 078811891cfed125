import { cellWidth, sliceCells, truncateCells } from '../terminal/cells.ts';
import { cleanText } from './clean-text.ts';

/** The meaning of a colour. The theme defines its look. */
export type Tone =
	| 'good'
	| 'warn'
	| 'bad'
	| 'accent'
	| 'muted'
	| 'strong'
	| 'plain'
	/** Bars: for a selection; for production or a lost link; for proof; for doubt; for progress. */
	| 'selected'
	| 'alarm'
	| 'triumph'
	| 'doubt'
	| 'busy';

/** A piece of a row in one tone. */
export interface Span {
	readonly text: string;
	readonly tone: Tone;
	/** What a screen reader says in its place, where the text says nothing without its column. */
	readonly spoken?: string;
	/** Address that the terminal opens; always shown as the text itself. */
	readonly address?: string;
}

/** One row of a panel, before it is cut to a width. */
export type Line = readonly Span[];

/** Returns a span; `text` may come from a host: whatever could control a terminal is removed here. */
export const span = (text: string, tone: Tone = 'plain'): Span => ({ text: cleanText(text), tone });

/** Returns a span with a web or mail address. */
export const linkSpan = (text: string, address: string | undefined, tone: Tone): Span => ({
	...span(text, tone),
	...(address !== undefined && { address }),
});

/** Returns a row of one span. */
export const line = (text: string, tone: Tone = 'plain'): Line => [span(text, tone)];

/** Width of a text in terminal cells. */
export const widthOf = cellWidth;

export const lineWidth = (row: Line): number => row.reduce((sum, part) => sum + widthOf(part.text), 0);

/** Cuts a text to at most `cells` cells, with `…` in place of what was cut. */
export const cut = truncateCells;

/** Cuts a text, or pads it with spaces, to exactly `cells` cells. */
export const pad = (text: string, cells: number, align: 'left' | 'right' = 'left'): string => {
	const short = cut(text, cells);
	const room = ' '.repeat(Math.max(0, cells - widthOf(short)));
	return align === 'left' ? short + room : room + short;
};

/** Cuts or pads a row to exactly `cells` cells; the padding takes the last span's tone when it is a bar's (`selected`, `alarm`). */
export const fitLine = (row: Line, cells: number): Line => {
	const out: Span[] = [];
	let left = cells;
	for (const part of row) {
		const width = widthOf(part.text);
		if (width <= left) {
			out.push(part);
			left -= width;
			continue;
		}
		if (left > 0) {
			const text = pad(part.text, left);
			out.push({ ...part, text });
			left = 0;
		}
		break;
	}
	if (left > 0) {
		const tone = row.at(-1)?.tone === 'selected' ? 'selected' : 'plain';
		out.push({ text: ' '.repeat(left), tone });
	}
	return out;
};

/** Returns a row of `left` and, at the right edge, `right`. The left is cut when both do not fit. */
export const justify = (left: Line, right: Line, cells: number): Line => {
	const rightWidth = lineWidth(right);
	if (rightWidth >= cells) {
		return fitLine(right, cells);
	}
	return [...fitLine(left, cells - rightWidth), ...right];
};

/** Breaks plain text into rows of at most `cells` cells, at spaces if there are any. */
export const wrap = (text: string, cells: number): string[] => {
	const rows: string[] = [];
	let row = '';
	for (const word of cleanText(text).split(/ +/)) {
		let rest = word;
		if (row !== '' && widthOf(row) + 1 + widthOf(rest) <= cells) {
			row += ` ${rest}`;
			continue;
		}
		if (row !== '') {
			rows.push(row);
		}
		while (widthOf(rest) > cells && cells > 1) {
			const head = sliceCells(rest, 0, cells).trimEnd();
			rows.push(head);
			rest = rest.slice(head.length);
		}
		row = rest;
	}
	if (row !== '' || rows.length === 0) {
		rows.push(row);
	}
	return rows;
};
