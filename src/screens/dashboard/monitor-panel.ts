import { staleMark, unknownRow, unknownSummary } from '../../components/freshness.ts';
import { type Line, span } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { readingSigns } from '../../components/status-icons.ts';
import { fadedRow } from '../../components/table.ts';
import { notWatched, type Reading, unread } from '../../runbook/reading.ts';
import type { History } from '../../stores/history.ts';
import { readingOf } from '../../stores/readings.ts';
import type { Readable } from '../../stores/store.ts';
import type { Readings } from '../../stores/workspace.ts';

/** How a panel that has the whole screen is drawn. */
export interface ZoomedLook {
	readonly history: History;
	readonly now: number;
	readonly width: number;
	readonly height: number;
	/** What is scrolled away above. */
	readonly from?: number;
}

/** A panel that shows readings and has nothing to select. Rows that have no room are scrolled to. */
export interface MonitorPanel {
	readonly title: string;
	/** It is drawn anew when one of these has changed. */
	sources(readings: Readings): readonly Readable<unknown>[];
	/** In a few words, beside its title. */
	summary(readings: Readings, now: number, rect: Rect): Line;
	/** All of its rows. */
	rows(readings: Readings, now: number, width: number): readonly Line[];
	/** All that it shows where it has the whole screen, such as charts; its rows unless given. */
	zoomed?(readings: Readings, look: ZoomedLook): readonly Line[];
	/** How many rows it could fill; undefined while that is not known. */
	contentRows(readings: Readings): number | undefined;
	/** `contentRows` depends on what was read. */
	readonly grows?: true;
	/** How many it usually fills. */
	readonly usualRows: number;
}

/** What the panel of one monitor says of its value. */
export interface MonitorView<Value> {
	readonly title: string;
	/** In a few words, beside the title. */
	summary(value: Value, now: number): string;
	rows(value: Value, now: number, width: number): readonly Line[];
	/** How many rows it usually fills; default 1. */
	readonly usualRows?: number;
}

/** The panel of the one reading of a monitor, by the monitor's name. What is unknown or stale looks as it does everywhere. */
export const panelOfMonitor = <Value>(
	name: string,
	{ title, summary, rows, usualRows = 1 }: MonitorView<Value>,
): MonitorPanel => {
	const readingIn = (readings: Readings): Reading<Value> =>
		readingOf<Value>(readings, name)?.get() ?? unread(0, notWatched);
	return {
		title,
		sources: (readings) => [readingOf<Value>(readings, name)].filter((store) => store !== undefined),
		summary: (readings, now) => {
			const reading = readingIn(readings);
			const stale = staleMark(reading, now);
			const { glyph, tone } = readingSigns[reading.state];
			return reading.value === undefined
				? unknownSummary(reading)
				: stale.length > 0
					? stale
					: [span(`${glyph} ${summary(reading.value, now)}`, tone)];
		},
		rows: (readings, now, width) => {
			const reading = readingIn(readings);
			if (reading.value === undefined) {
				return [[span(' '), ...unknownRow(reading)]];
			}
			const shown = rows(reading.value, now, width);
			return staleMark(reading, now).length > 0 ? shown.map(fadedRow) : shown;
		},
		contentRows: () => usualRows,
		usualRows,
	};
};
