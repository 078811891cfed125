import { cellWidth, fitCells, sliceCells, truncateCells, wrapStarts } from '../terminal/cells.ts';
import { drawRow, EMPTY_ROW, type Highlight, type Row } from '../terminal/row.ts';
import { type SafeLine, sanitiseText } from '../terminal/sanitise.ts';
import { applyStyle } from '../terminal/sgr.ts';
import type { OutputLines } from './output-buffer.ts';
import type { RowPosition } from './pane-layout.ts';
import { matchesIn } from './pane-search.ts';
import { type PaneLook, type PaneState, TIME_CELLS } from './pane-state.ts';

/** Additions to a pane's lines, besides their text. */
export interface PaneDress {
	/** A margin of constant width, before the first row of each line. */
	readonly margin?: { cells(): number; row(line: number): Row };
	/** Returns words for a rule under a line; undefined if there is none. */
	rule?(line: number): string | undefined;
	/** True for a line that is our own note, not remote output. */
	isNote?(line: number): boolean;
	/** Returns the ranges of a text that are shown inverse; default: the matches of the query. */
	highlights?(text: string): readonly Highlight[];
	/** The times before lines; default: the time of day. */
	readonly clock?: { readonly cells: number; words(time: number): string };
	/** True for the line under the pointer: all of it is shown inverse. */
	isPointedAt?(line: number): boolean;
	/**
	 * Returns the remarks at the right of the heading, the most important first, given those on the stream's state, the following and the
	 * layout.
	 */
	remarks?(said: { readonly status: string; readonly follow: string; readonly json: string }): readonly string[];
}

interface Drawing {
	readonly dress: PaneDress;
	readonly look: PaneLook;
	readonly state: PaneState;
	readonly buffer: OutputLines;
	readonly top: RowPosition;
	readonly textWidth: number;
	line(number: number): SafeLine | undefined;
	/** True for a line of JSON that can be shown laid out and as it is. */
	isLaidOut(number: number): boolean;
}

// `toLocaleString` would load the tables of Intl, which costs milliseconds at the first frame.
/** Formats `1,204`. */
export const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
/** Formats `1,204 lines`. */
export const counted = (count: number, what: string) => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;

const two = (value: number) => String(value).padStart(2, '0');
/** `03:10:02 `, here. */
export const clockLabel = (time: number): string => {
	const date = new Date(time);
	return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} `;
};

/** `11-22 03:10:02 `, here: a log may begin days ago. */
export const dayClock = {
	cells: TIME_CELLS + 6,
	words: (time: number): string => {
		const date = new Date(time);
		return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockLabel(time)}`;
	},
};

/** Returns the remarks at the right of the heading, the most important first; the last ones are dropped if there is no room. */
const remarks = (drawing: Drawing, bottom: number): readonly string[] => {
	const { state, buffer, look } = drawing;
	const below = Math.max(0, buffer.lineCount - Math.max(state.seen, bottom + 1));
	const found =
		state.query === ''
			? ''
			: state.searching !== undefined
				? `/${state.query} … ${state.searching} %, esc ends it`
				: state.match === undefined
					? `/${state.query} not found`
					: `/${state.query}`;
	const follow = state.following
		? look.ended === true
			? ''
			: 'following'
		: below > 0
			? `paused, ${counted(below, 'new line')} below`
			: 'paused';
	const status = look.status ? sanitiseText(look.status) : '';
	const json = jsonRemark(drawing, bottom);
	const own = drawing.dress.remarks?.({ status, follow, json });
	if (own !== undefined) {
		return own.filter((remark) => remark !== '');
	}
	const dropped = buffer.firstLine > 0 ? `oldest ${grouped(buffer.firstLine)} not in memory` : '';
	return [
		status,
		follow,
		found,
		counted(buffer.lineCount, 'line'),
		dropped,
		json,
		state.wrap ? 'wrapped' : '',
		state.shift > 0 ? `from column ${state.shift + 1}` : '',
	].filter((remark) => remark !== '');
};

/** Says how JSON is shown and which key changes that, if some is in view. */
const jsonRemark = ({ state, top, isLaidOut }: Drawing, bottom: number): string => {
	for (let line = top.line; line <= bottom; line++) {
		if (isLaidOut(line)) {
			return state.raw ? 'raw, v lays JSON out' : 'JSON, v shows it raw';
		}
	}
	return '';
};

const heading = (drawing: Drawing, bottom: number): Row => {
	const { look, state } = drawing;
	const { width } = look;
	const style = { bold: look.focused, dim: !look.focused };
	if (state.prompt !== undefined) {
		// The end of what is typed stays visible.
		const typed = `/${sanitiseText(state.prompt)}`;
		const room = Math.max(0, width - 1);
		const shown = sliceCells(typed, Math.max(0, cellWidth(typed) - room), room);
		const text = applyStyle(shown, { bold: true }) + applyStyle(width > 0 ? ' ' : '', { inverse: true });
		return { text, cells: Math.min(width, cellWidth(shown) + 1) };
	}
	const left = truncateCells(`${look.focused ? '▸' : '─'} ${sanitiseText(look.title)} `, width);
	let right = '';
	for (const remark of remarks(drawing, bottom)) {
		const longer = right === '' ? ` ${remark} ─` : `${right.slice(0, -2)} · ${remark} ─`;
		if (cellWidth(left) + cellWidth(longer) > width) {
			break;
		}
		right = longer;
	}
	const rule = '─'.repeat(Math.max(0, width - cellWidth(left) - cellWidth(right)));
	return { text: applyStyle(fitCells(left + rule + right, width), style), cells: width };
};

/** Draws a pane: a heading, then the rows of output from `top` on. */
export const drawPane = (drawing: Drawing): readonly Row[] => {
	const { look, state, buffer, textWidth } = drawing;
	const height = Math.max(0, look.height);
	const body: Row[] = [];
	const { dress: dressed } = drawing;
	const highlightsOf =
		dressed.highlights ?? ((text: string) => (state.query === '' ? [] : matchesIn(text, state.query)));
	const clock = dressed.clock ?? { cells: TIME_CELLS, words: clockLabel };
	const marginCells = dressed.margin?.cells() ?? 0;
	let { line, row } = drawing.top;
	let bottom = line - 1;
	while (body.length < height - 1 && line < buffer.lineCount) {
		const safe = drawing.line(line);
		if (safe) {
			const highlights =
				dressed.isPointedAt?.(line) === true ? [{ start: 0, end: safe.text.length }] : highlightsOf(safe.text);
			const starts = state.wrap ? wrapStarts(safe.text, textWidth) : [0];
			const rule = dressed.rule?.(line);
			for (; row < starts.length && body.length < height - 1; row++) {
				let part = drawRow(safe, {
					start: starts[row],
					limit: starts[row + 1],
					skip: state.wrap ? 0 : state.shift,
					width: textWidth,
					highlights,
				});
				if (dressed.isNote?.(line) === true) {
					part = { ...part, text: applyStyle(part.text, { dim: true, italic: true }) };
				}
				if (marginCells > 0 && marginCells < look.width) {
					part = joined(row === 0 ? dressed.margin?.row(line) : undefined, marginCells, part);
				}
				if (state.time && clock.cells + marginCells < look.width) {
					const time = row === 0 ? buffer.time?.(line) : undefined;
					const words = time === undefined ? '' : clock.words(time);
					part = joined({ text: applyStyle(words, { dim: true }), cells: words.length }, clock.cells, part);
				}
				body.push(part);
			}
			if (rule !== undefined && row === starts.length && body.length < height - 1) {
				body.push(ruled(rule, look.width));
				row++;
			}
			bottom = row >= starts.length ? line : line - 1;
		}
		line++;
		row = 0;
	}
	while (body.length < height - 1) {
		body.push(EMPTY_ROW);
	}
	return height === 0 ? [] : [heading(drawing, bottom), ...body];
};

/** Returns a row after its margin, which is padded to its width. */
const joined = (before: Row | undefined, cells: number, row: Row): Row => ({
	text: (before?.text ?? '') + ' '.repeat(Math.max(0, cells - (before?.cells ?? 0))) + row.text,
	cells: cells + row.cells,
});

const ruled = (words: string, width: number): Row => {
	const head = truncateCells(`──── ${words} `, width);
	return { text: applyStyle(head + '─'.repeat(Math.max(0, width - cellWidth(head))), { bold: true }), cells: width };
};
