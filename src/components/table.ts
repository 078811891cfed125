import { type Line, pad, type Span, span } from './line.ts';

export interface Column {
	readonly title: string;
	/** Width in cells; the column with `grows` takes the remaining space instead, but not less than this. */
	readonly width: number;
	readonly align?: 'left' | 'right';
	readonly grows?: boolean;
	/** Maximum width when it grows. */
	readonly most?: number;
	/** Columns with the highest number are dropped first when there is not enough room; one without a number stays. */
	readonly drop?: number;
}

/** Returns the columns that fit into `width` (one cell between two), and their final widths; dropped ones have width 0. */
export const fitColumns = (columns: readonly Column[], width: number): number[] => {
	const kept = new Set(columns.keys());
	const needed = () => [...kept].reduce((sum, index) => sum + (columns[index]?.width ?? 0), kept.size - 1);
	const droppable = [...columns.keys()]
		.filter((index) => columns[index]?.drop !== undefined)
		.sort((a, b) => (columns[b]?.drop ?? 0) - (columns[a]?.drop ?? 0));
	for (const index of droppable) {
		if (needed() <= width) {
			break;
		}
		kept.delete(index);
	}
	let spare = width - needed();
	const widths = columns.map((column, index) => (kept.has(index) ? column.width : 0));
	// Columns with a maximum take their share first; the rest goes to the others.
	const growing = [...kept]
		.filter((index) => columns[index]?.grows)
		.sort((a, b) => (columns[a]?.most ?? width) - (columns[b]?.most ?? width));
	for (const [place, index] of growing.entries()) {
		const share = Math.floor(spare / (growing.length - place));
		const most = columns[index]?.most ?? Number.POSITIVE_INFINITY;
		const now = widths[index] ?? 0;
		const next = Math.max(1, Math.min(most, now + share));
		widths[index] = next;
		spare -= next - now;
	}
	return widths;
};

/** Returns one row of a table. */
export const tableRow = (cells: readonly Span[], columns: readonly Column[], widths: readonly number[]): Line => {
	const out: Span[] = [];
	for (const [index, cell] of cells.entries()) {
		const width = widths[index] ?? 0;
		if (width > 0) {
			if (out.length > 0) {
				out.push(span(' '));
			}
			out.push({ ...cell, text: pad(cell.text, width, columns[index]?.align) });
		}
	}
	return out;
};

/** Returns the row of column titles. */
export const tableHead = (columns: readonly Column[], widths: readonly number[]): Line =>
	tableRow(
		columns.map(({ title }) => span(title, 'muted')),
		columns,
		widths,
	);

/** Returns a row as the selected one: one bar in one tone. */
export const selectedRow = (row: Line): Line => [
	{
		...span(row.map((part) => part.text).join(''), 'selected'),
		...(row.some(({ spoken }) => spoken !== undefined) && {
			spoken: row.map(({ text, spoken }) => spoken ?? text).join(' '),
		}),
	},
];

/** Returns a row as something old: without colours of its own. */
export const fadedRow = (row: Line): Line => row.map((part) => ({ ...part, tone: 'muted' }));
