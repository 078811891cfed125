import { axisCells, type Chart, type ChartMark, chartRows } from '../components/chart.ts';
import { figure, milliseconds, shortBytes } from '../components/figures.ts';
import type { Line } from '../components/line.ts';
import { resample, type Sample } from '../stores/history.ts';
import type { Mark } from '../stores/mark.ts';

/** The kinds of values that charts show: they determine the format, and where the axis begins. */
export type ChartKind = 'cpu' | 'memory' | 'latency' | 'metric';

const kinds: Readonly<Record<ChartKind, Pick<Chart, 'format' | 'fromZero' | 'atLeast'>>> = {
	cpu: { format: (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)}%`, fromZero: true, atLeast: 10 },
	memory: { format: shortBytes, fromZero: true },
	latency: { format: milliseconds, fromZero: true, atLeast: 10 },
	metric: { format: figure, fromZero: false },
};

/** The signs of events, as the legend under a chart and docs/screen.md name them. */
export const markSigns: Readonly<Record<Mark['kind'], string>> = { restart: '▲', deployment: '◆', run: '▸' };

const minute = 60_000;
/** The possible time ranges of a chart, ms: it uses the shortest that contains all samples. */
const spans = [2 * minute, 5 * minute, 10 * minute, 30 * minute] as const;

export interface ChartRequest {
	readonly kind: ChartKind;
	readonly title: string;
	readonly samples: readonly Sample[];
	readonly marks: readonly Mark[];
	readonly now: number;
}

/** Returns the rows of a chart over the time that its samples cover, at most half an hour. */
export const historyChart = (
	{ kind, title, samples, marks, now }: ChartRequest,
	width: number,
	height: number,
): Line[] => {
	const count = Math.max(1, width - axisCells - 1);
	const covered = now - (samples[0]?.at ?? now);
	const spanMs = spans.find((one) => one >= covered) ?? 30 * minute;
	// Whole seconds, and at the same places whenever it is drawn: a chart that moved by parts of a cell would be drawn again each time.
	const stepMs = Math.max(1000, Math.ceil(spanMs / count / 1000) * 1000);
	const to = (Math.floor(now / stepMs) + 1) * stepMs;
	const signs: ChartMark[] = marks.map(({ at, kind: what, label }) => ({ at, sign: markSigns[what], label }));
	return chartRows(
		{ title, values: resample(samples, { to, stepMs, count }), to, stepMs, marks: signs, ...kinds[kind] },
		width,
		height,
	);
};

/** Rows that a chart has where others can be scrolled to. */
const usualRows = 7;

/**
 * Charts below each other, of equal height; the last one takes the rows that are left. Charts without room are left out, from the end.
 * A chart of which nothing was read is shorter.
 *
 * @param from the first chart that is shown, as far as others follow to fill the rows
 * @param leastRows a chart with fewer rows is left out; 1 for charts that cannot be scrolled to: each then has at least its title, with
 *   the value now
 */
export const stackedCharts = (
	requests: readonly ChartRequest[],
	{
		width,
		height,
		from = 0,
		leastRows = usualRows,
	}: { readonly width: number; readonly height: number; readonly from?: number; readonly leastRows?: number },
): Line[] => {
	const fit = Math.max(1, Math.min(requests.length, Math.floor(height / leastRows)));
	const first = Math.max(0, Math.min(from, requests.length - fit));
	const shown = requests.slice(first, first + fit);
	const each = Math.floor(height / Math.max(1, shown.length));
	return shown.flatMap((request, at) =>
		historyChart(request, width, at === shown.length - 1 ? height - each * at : each),
	);
};
