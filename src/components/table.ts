import { type Line, pad, type Span, span } from './line.ts';

export interface Column {
	readonly title: string;
	/** Cells; the column with `grows` takes what is left over instead, but not less than this. */
	readonly width: number;
	readonly align?: 'left' | 'right';
	readonly grows?: boolean;
	/** How wide it may grow. */
	readonly most?: number;
	/** Columns with the highest number go first when the width is short; without one a column stays. */
	readonly drop?: number;
}

/** The columns that fit into `width` (one cell between two), and their final widths; dropped ones have width 0. */
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
	// Those that may not grow without end take their share first; what they leave goes to the others.
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

/** One row of a table. */
export const tableRow = (cells: readonly Span[], columns: readonly Column[], widths: readonly number[]): Line => {
	const out: Span[] = [];
	for (const [index, cell] of cells.entries()) {
		const width = widths[index] ?? 0;
		if (width > 0) {
			if (out.length > 0) {
				out.push(span(' '));
			}
			out.push({ text: pad(cell.text, width, columns[index]?.align), tone: cell.tone });
		}
	}
	return out;
};

/** The row of column titles. */
export const tableHead = (columns: readonly Column[], widths: readonly number[]): Line =>
	tableRow(
		columns.map(({ title }) => span(title, 'muted')),
		columns,
		widths,
	);

/** A row as the selected one: one bar in one tone. */
export const selectedRow = (row: Line): Line => [span(row.map((part) => part.text).join(''), 'selected')];

/** A row as something old: no colour of its own. */
export const fadedRow = (row: Line): Line => row.map((part) => ({ ...part, tone: 'muted' }));
