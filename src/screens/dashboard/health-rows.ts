import { milliseconds } from '../../components/figures.ts';
import { staleLabel, unknownRow } from '../../components/freshness.ts';
import { justify, type Line, lineWidth, pad, span, widthOf } from '../../components/line.ts';
import { sparkline } from '../../components/sparkline.ts';
import { readingSigns } from '../../components/status-icons.ts';
import { fadedRow } from '../../components/table.ts';
import { type HealthReading, isStale, type Reading } from '../../runbook/reading.ts';
import type { Readings } from '../../stores/workspace.ts';
import { type ChartRequest, stackedCharts } from '../charts.ts';
import type { MonitorPanel } from './monitor-panel.ts';

export interface NamedHealth {
	readonly name: string;
	readonly reading: Reading<HealthReading>;
}

/** Below this a latency is no problem, ms: it is in its row, and the title does not change with every reading. */
const slowMs = 100;

export const healthSummary = (endpoints: readonly NamedHealth[], now: number): Line => {
	if (endpoints.length === 0) {
		return [span('none configured', 'muted')];
	}
	const bad = endpoints.filter(({ reading }) => reading.state !== 'ok' || isStale(reading, now));
	const worst = bad[0];
	if (worst === undefined) {
		const only = endpoints.length === 1 ? endpoints[0] : undefined;
		const latency = only?.reading.value?.latencyMs;
		return [
			span(`● ${only === undefined && endpoints.length > 1 ? `all ${endpoints.length} ` : ''}ok`, 'good'),
			span(latency === undefined || latency < slowMs ? '' : ` ${milliseconds(latency)}`, 'muted'),
		];
	}
	const stale = staleLabel(worst.reading, now);
	const sign = readingSigns[worst.reading.state];
	return stale !== '' ? [span(`◔ ${stale}`, 'warn')] : [span(`${sign.glyph} ${bad.length} ${sign.word}`, sign.tone)];
};

/** Returns a reason in fewer words if there is not enough room. */
const fitting = (reason: string, cells: number): string =>
	widthOf(reason) <= cells ? reason : reason.replace(/^connection /, '');

/** Returns a row per endpoint: state, status, latency and its line; the reason instead of the line when it is not well. */
export const healthRows = (endpoints: readonly NamedHealth[], now: number, width: number): Line[] => {
	const nameWidth = Math.min(18, Math.max(6, ...endpoints.map(({ name }) => name.length)));
	return endpoints.map(({ name, reading }) => {
		if (reading.value === undefined) {
			return [span(' '), ...unknownRow(reading, name)];
		}
		const sign = readingSigns[reading.state];
		const stale = staleLabel(reading, now);
		const { status, latencyMs, history } = reading.value;
		const left: Line = [
			span(` ${sign.glyph} `, sign.tone),
			span(pad(name, Math.min(nameWidth, Math.max(6, width - 20)))),
			span(` ${status ?? (reading.reason === undefined ? sign.word : '')} `.replace(/^ {2}$/, ' '), sign.tone),
		];
		const latency = latencyMs === undefined ? '' : milliseconds(latencyMs);
		const rest = width - nameWidth - 8 - 1;
		const tail: Line =
			stale !== ''
				? [span(`◔ ${stale} `, 'warn')]
				: reading.state === 'ok'
					? [
							span(pad(latency, 7, 'right')),
							span(` ${sparkline(history, Math.min(40, Math.max(0, rest - 9)), true)} `, 'accent'),
						]
					: [];
		if (tail.length === 0) {
			return [...left, span(fitting(reading.reason ?? latency, width - lineWidth(left)), 'plain')];
		}
		const row = justify(left, tail, width);
		return stale === '' ? row : [...fadedRow(row.slice(0, -1)), ...tail];
	});
};

const endpointsNow = ({ health }: Readings): readonly NamedHealth[] =>
	health.map(({ name, reading }) => ({ name, reading: reading.get() }));

export const healthPanel: MonitorPanel = {
	title: 'Health',
	sources: ({ health }) => health.map(({ reading }) => reading),
	summary: (readings, now) => healthSummary(endpointsNow(readings), now),
	rows: (readings, now, width) => healthRows(endpointsNow(readings), now, width),
	zoomed: (readings, { history, now, width, height, from }) => {
		const endpoints = endpointsNow(readings);
		const requests = endpoints.map(
			({ name }): ChartRequest => ({
				kind: 'latency',
				title: `${name}, time to answer`,
				samples: history.latency(name),
				marks: history.marks(),
				now,
			}),
		);
		const rows = healthRows(endpoints, now, width);
		return requests.length === 0
			? rows
			: [...rows, ...stackedCharts(requests, { width, height: height - rows.length, from })];
	},
	contentRows: ({ health }) => health.length,
	usualRows: 2,
};
