import { timeOfDay, timeWithSeconds } from './format-time.ts';
import { cut, type Line, type Span, span, widthOf } from './line.ts';
import { titleRule } from './panel.ts';

/** An event, drawn below the axis and named under it. */
export interface ChartMark {
	readonly at: number;
	readonly sign: string;
	readonly label: string;
}

export interface Chart {
	readonly title: string;
	/** Oldest first, at equal intervals; undefined: nothing was read. */
	readonly values: readonly (number | undefined)[];
	/** The end of the last value's interval, ms since the epoch. */
	readonly to: number;
	/** Length of a value's interval, ms. */
	readonly stepMs: number;
	/** Formats a value for the axis and the title. */
	format(value: number): string;
	/** True when the axis always begins at 0. */
	readonly fromZero: boolean;
	/** The axis reaches at least this value. */
	readonly atLeast?: number;
	/** Oldest first. */
	readonly marks: readonly ChartMark[];
}

/** Cells for the figures at the axis. */
export const axisCells = 9;
/** Fewest rows that have room for a chart: title, two rows of it, axis, times. */
const leastChartRows = 5;

const eighths = ' ▁▂▃▄▅▆▇█';

/** Returns the range of the axis. It begins at 0 unless all values are far from it and would look alike. */
const rangeOf = ({ values, fromZero, atLeast = 0 }: Chart): { readonly low: number; readonly high: number } => {
	const known = values.filter((value) => value !== undefined);
	const [least, most] = [Math.min(...known), Math.max(...known)];
	const isNarrow = !fromZero && least !== most && (least > most / 2 || most < least / 2);
	const high = isNarrow ? most : Math.max(0, most, fromZero ? atLeast : 0);
	const low = isNarrow ? least : Math.min(0, least);
	return { low, high: high > low ? high : low + 1 };
};

const titleOf = (chart: Chart, width: number): Line => {
	const known = chart.values.filter((value) => value !== undefined);
	const last = chart.values.at(-1);
	const summary =
		known.length === 0
			? []
			: [
					span(last === undefined ? 'unknown now' : chart.format(last), last === undefined ? 'warn' : 'strong'),
					span(`  least ${chart.format(Math.min(...known))}, most ${chart.format(Math.max(...known))}`, 'muted'),
				];
	return titleRule({ title: chart.title, summary, focused: false }, width);
};

/**
 * Returns the rows of a chart: title with the current value, bars on an axis with figures, times, and as many events as there is room for.
 */
export const chartRows = (chart: Chart, width: number, height: number): Line[] => {
	const title = titleOf(chart, width);
	if (chart.values.every((value) => value === undefined)) {
		return [title, [span(' nothing was read yet', 'muted')]].slice(0, height);
	}
	if (height < leastChartRows) {
		return [title].slice(0, height);
	}
	const shown = chart.marks.filter(({ at }) => at > chart.to - chart.stepMs * chart.values.length && at <= chart.to);
	const legendRows = shown.length > 0 && height > leastChartRows + 1 ? Math.min(height > 16 ? 3 : 1, shown.length) : 0;
	const rows = height - 3 - legendRows;
	const { low, high } = rangeOf(chart);
	const figures = new Map([
		[0, high],
		...(rows > 6 && rows % 2 === 0 ? [[rows / 2, (low + high) / 2] as const] : []),
		[rows - 1, low],
	]);
	const body = Array.from({ length: rows }, (_, row): Line => {
		const figure = figures.get(row);
		const bars = chart.values.map((value) => barAt(value, { low, high, rows }, row)).join('');
		return [
			span(`${figure === undefined ? '' : cut(chart.format(figure), axisCells - 2)}`.padStart(axisCells - 2), 'muted'),
			span(' │', 'muted'),
			span(bars, 'accent'),
		];
	});
	return [title, ...body, axisOf(chart, shown), timesOf(chart), ...legendOf(shown, width, legendRows)];
};

/** Returns the part of a value's bar in one row; row 0 is the topmost. A value at the bottom of the axis is still a line. */
const barAt = (
	value: number | undefined,
	{ low, high, rows }: { readonly low: number; readonly high: number; readonly rows: number },
	row: number,
): string => {
	if (value === undefined) {
		return row === rows - 1 ? '·' : ' ';
	}
	const filled = Math.max(1, Math.round(((value - low) / (high - low)) * rows * 8));
	return eighths[Math.max(0, Math.min(8, filled - (rows - 1 - row) * 8))] ?? ' ';
};

const axisOf = ({ values, to, stepMs }: Chart, marks: readonly ChartMark[]): Line => {
	const cells = Array.from({ length: values.length }, () => '─');
	for (const { at, sign } of marks) {
		cells[Math.min(cells.length - 1, Math.max(0, cells.length - 1 - Math.floor((to - at) / stepMs)))] = sign;
	}
	const line: Span[] = [span(`${' '.repeat(axisCells - 1)}└`, 'muted')];
	for (const cell of cells) {
		const tone = cell === '─' ? 'muted' : 'warn';
		const last = line.at(-1);
		if (last !== undefined && last.tone === tone && line.length > 1) {
			line[line.length - 1] = { ...last, text: last.text + cell };
		} else {
			line.push(span(cell, tone));
		}
	}
	return line;
};

/** Returns the times at the ends and in the middle. */
const timesOf = ({ values, to, stepMs }: Chart): Line => {
	const cells = values.length;
	const [from, middle, now] = [
		timeOfDay(to - cells * stepMs),
		timeOfDay(to - (cells * stepMs) / 2),
		`${timeOfDay(to)} now`,
	];
	const gap = Math.max(1, Math.floor(cells / 2) - from.length - Math.floor(middle.length / 2));
	const inMiddle = cells > 40 ? ' '.repeat(gap) + middle : '';
	const rest = Math.max(1, cells - from.length - inMiddle.length - now.length);
	return [span(' '.repeat(axisCells) + from + inMiddle + ' '.repeat(rest) + now, 'muted')];
};

/** Returns the newest marks, as many as fit. */
const legendOf = (marks: readonly ChartMark[], width: number, rows: number): Line[] => {
	const lines: Span[][] = Array.from({ length: rows }, () => [span(' '.repeat(axisCells))]);
	let at = 0;
	let left = width - axisCells;
	for (const { at: time, sign, label } of marks.toReversed()) {
		const words = cut(` ${timeWithSeconds(time)} ${label}`, width - axisCells - 1);
		if (widthOf(words) + 1 > left) {
			at++;
			left = width - axisCells;
		}
		const line = lines[at];
		if (line === undefined) {
			break;
		}
		line.push(span(sign, 'warn'), span(`${words}   `, 'muted'));
		left -= widthOf(words) + 4;
	}
	return lines;
};
