import { figure } from '../../components/figures.ts';
import { staleMark, unknownRow, unknownSummary } from '../../components/freshness.ts';
import { justify, type Line, pad, span } from '../../components/line.ts';
import { sparkline } from '../../components/sparkline.ts';
import { fadedRow } from '../../components/table.ts';
import { isStale, type MetricSeries, type Reading } from '../../runbook/reading.ts';
import { type ChartRequest, stackedCharts } from '../charts.ts';
import type { MonitorPanel } from './monitor-panel.ts';

type Metrics = Reading<readonly MetricSeries[]>;

export const shownValue = (series: MetricSeries): string =>
	series.value === undefined
		? 'unknown'
		: `${figure(series.value)}${series.unit === undefined ? '' : ` ${series.unit.trim()}`}`;

/** Returns the summary for the title; `alone` when there is no room for rows. */
export const metricsSummary = (reading: Metrics, now: number, alone: boolean): Line => {
	const stale = staleMark(reading, now);
	if (stale.length > 0) {
		return stale;
	}
	if (reading.value === undefined) {
		return unknownSummary(reading);
	}
	if (reading.state !== 'ok') {
		return [span(reading.reason ?? reading.state, 'warn')];
	}
	const first = reading.value[0];
	return first === undefined || !alone ? [] : [span(`${first.title} ${shownValue(first)}`, 'muted')];
};

/** Returns a row per series: its title, its value, and a line of its history in the remaining width. */
export const metricsRows = (reading: Metrics, now: number, width: number): Line[] => {
	if (reading.value === undefined) {
		return [[span(' '), ...unknownRow(reading)]];
	}
	const titles = Math.min(22, Math.max(6, ...reading.value.map(({ title }) => title.length)));
	const values = Math.min(14, Math.max(7, ...reading.value.map((series) => shownValue(series).length)));
	const room = width - titles - values - 5;
	return reading.value.map((series) => {
		const row = justify(
			[
				span(` ${pad(series.title, titles)} `),
				span(pad(shownValue(series), values, 'right'), series.value === undefined ? 'warn' : 'strong'),
			],
			room < 4 ? [] : [span(` ${sparkline(series.history, Math.min(60, room))} `, 'accent')],
			width,
		);
		return isStale(reading, now) ? fadedRow(row) : row;
	});
};

export const metricsPanel: MonitorPanel = {
	title: 'Metrics',
	sources: ({ metrics }) => [metrics],
	summary: ({ metrics }, now, { height }) => metricsSummary(metrics.get(), now, height === 1),
	rows: ({ metrics }, now, width) => metricsRows(metrics.get(), now, width),
	zoomed: ({ metrics }, { history, now, width, height, from }) => {
		const reading = metrics.get();
		const requests = (reading.value ?? []).map(
			({ name, title, unit }): ChartRequest => ({
				kind: 'metric',
				title: unit === undefined ? title : `${title}, ${unit.trim()}`,
				samples: history.metric(name),
				marks: history.marks(),
				now,
			}),
		);
		const rows = metricsRows(reading, now, width);
		return requests.length === 0
			? rows
			: [...rows, ...stackedCharts(requests, { width, height: height - rows.length, from })];
	},
	contentRows: ({ metrics }) => metrics.get().value?.length,
	grows: true,
	usualRows: 4,
};
