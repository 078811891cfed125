import { cellWidth, fitCells, sliceCells, truncateCells, wrapStarts } from '../terminal/cells.ts';
import { drawRow, EMPTY_ROW, type Row } from '../terminal/row.ts';
import { type SafeLine, sanitiseText } from '../terminal/sanitise.ts';
import { dress } from '../terminal/sgr.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { Place } from './pane-layout.ts';
import { matchesIn } from './pane-search.ts';
import { type PaneLook, type PaneState, TIME_CELLS } from './pane-state.ts';

interface Drawing {
	readonly look: PaneLook;
	readonly state: PaneState;
	readonly buffer: OutputBuffer;
	readonly top: Place;
	readonly textWidth: number;
	line(number: number): SafeLine | undefined;
}

// `toLocaleString` would load the tables of Intl, which costs milliseconds at the first frame.
const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
const counted = (count: number, what: string) => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;

const two = (value: number) => String(value).padStart(2, '0');
const clock = (time: number | undefined): string => {
	if (time === undefined) {
		return ' '.repeat(TIME_CELLS);
	}
	const date = new Date(time);
	return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} `;
};

/** What the heading says at its right, the most telling first; the last ones go when there is no room. */
const remarks = (drawing: Drawing, bottom: number): readonly string[] => {
	const { state, buffer, look } = drawing;
	const below = Math.max(0, buffer.lineCount - Math.max(state.seen, bottom + 1));
	const found = state.query === '' ? '' : state.match === undefined ? `/${state.query} not found` : `/${state.query}`;
	const follow = state.following
		? look.ended === true
			? ''
			: 'following'
		: below > 0
			? `paused, ${counted(below, 'new line')} below`
			: 'paused';
	const dropped = buffer.firstLine > 0 ? `oldest ${grouped(buffer.firstLine)} not in memory` : '';
	return [
		look.status ? sanitiseText(look.status) : '',
		follow,
		found,
		counted(buffer.lineCount, 'line'),
		dropped,
		state.wrap ? 'wrapped' : '',
		state.shift > 0 ? `from column ${state.shift + 1}` : '',
	].filter((remark) => remark !== '');
};

const heading = (drawing: Drawing, bottom: number): Row => {
	const { look, state } = drawing;
	const { width } = look;
	const style = { bold: look.focused, dim: !look.focused };
	if (state.prompt !== undefined) {
		// The end of what is typed stays in sight.
		const typed = `/${sanitiseText(state.prompt)}`;
		const room = Math.max(0, width - 1);
		const shown = sliceCells(typed, Math.max(0, cellWidth(typed) - room), room);
		const text = dress(shown, { bold: true }) + dress(width > 0 ? ' ' : '', { inverse: true });
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
	return { text: dress(fitCells(left + rule + right, width), style), cells: width };
};

/** Draws a pane: a heading, then the rows of output from `top` on. */
export const drawPane = (drawing: Drawing): readonly Row[] => {
	const { look, state, buffer, textWidth } = drawing;
	const height = Math.max(0, look.height);
	const body: Row[] = [];
	let { line, row } = drawing.top;
	let bottom = line - 1;
	while (body.length < height - 1 && line < buffer.lineCount) {
		const safe = drawing.line(line);
		if (safe) {
			const highlights = state.query === '' ? [] : matchesIn(safe.text, state.query);
			const starts = state.wrap ? wrapStarts(safe.text, textWidth) : [0];
			for (; row < starts.length && body.length < height - 1; row++) {
				const part = drawRow(safe, {
					start: starts[row],
					limit: starts[row + 1],
					skip: state.wrap ? 0 : state.shift,
					width: textWidth,
					highlights,
				});
				body.push(state.time ? timed(part, row === 0 ? buffer.time?.(line) : undefined, look.width) : part);
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

const timed = (row: Row, time: number | undefined, width: number): Row =>
	width <= TIME_CELLS ? row : { text: dress(clock(time), { dim: true }) + row.text, cells: TIME_CELLS + row.cells };
