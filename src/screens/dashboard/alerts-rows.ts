import { age } from '../../components/format-time.ts';
import { staleMark, unknownRow, unknownSummary } from '../../components/freshness.ts';
import { type Line, span } from '../../components/line.ts';
import { fadedRow } from '../../components/table.ts';
import { type AlertReading, isStale, type Reading } from '../../runbook/reading.ts';
import type { MonitorPanel } from './monitor-panel.ts';

type Alerts = Reading<readonly AlertReading[]>;

const sign = (alert: AlertReading) =>
	alert.quiet !== undefined
		? ({ glyph: '○', tone: 'muted' } as const)
		: alert.severity === 'critical' || alert.severity === 'page'
			? ({ glyph: '✗', tone: 'bad' } as const)
			: ({ glyph: '▲', tone: 'warn' } as const);

/** How many fire; where none does, the rows say so. */
export const alertsSummary = (reading: Alerts, now: number, height = Number.POSITIVE_INFINITY): Line => {
	const stale = staleMark(reading, now);
	if (stale.length > 0) {
		return stale;
	}
	if (reading.value === undefined) {
		return unknownSummary(reading);
	}
	const loud = reading.value.filter(({ quiet }) => quiet === undefined);
	const first = loud[0];
	const quiet = reading.value.length - loud.length;
	return [
		...(first === undefined
			? height > 1 && reading.value.length === 0
				? []
				: [span('● none firing', 'good')]
			: [span(`${sign(first).glyph} ${loud.length} firing`, sign(first).tone)]),
		...(quiet === 0 ? [] : [span(` (${quiet} quiet)`, 'muted')]),
	];
};

/** A row an alert: how bad, which, since when, and what it says. */
export const alertsRows = (reading: Alerts, now: number): Line[] => {
	if (reading.value === undefined) {
		return [[span(' '), ...unknownRow(reading)]];
	}
	if (reading.value.length === 0) {
		return isStale(reading, now)
			? [[span(' ◔ ', 'warn'), span('no alert was firing', 'muted')]]
			: [[span(' ● ', 'good'), span('no alert is firing', 'muted')]];
	}
	return reading.value.map((alert) => {
		const { glyph, tone } = sign(alert);
		const row: Line = [
			span(` ${glyph} `, tone),
			span(`${alert.severity ?? 'alert'} `, tone),
			span(alert.name, 'strong'),
			span(` ${age(now - alert.startsAt)}`, 'muted'),
			span(alert.quiet === undefined ? '' : `  ${alert.quiet}`, 'muted'),
			span(alert.summary === undefined ? '' : `  ${alert.summary}`),
		];
		return isStale(reading, now) ? fadedRow(row) : row;
	});
};

export const alertsPanel: MonitorPanel = {
	title: 'Alerts',
	sources: ({ alerts }) => [alerts],
	summary: ({ alerts }, now, { height }) => alertsSummary(alerts.get(), now, height),
	rows: ({ alerts }, now) => alertsRows(alerts.get(), now),
	contentRows: ({ alerts }) => Math.max(1, alerts.get().value?.length ?? 0),
	grows: true,
	usualRows: 3,
};
