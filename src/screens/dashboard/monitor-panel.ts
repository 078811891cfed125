import { staleMark, unknownRow, unknownSummary } from '../../components/freshness.ts';
import { type Line, span } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import { readingSigns } from '../../components/status-icons.ts';
import { fadedRow } from '../../components/table.ts';
import { isWatched, notWatched, type Reading, unread } from '../../runbook/reading.ts';
import type { History } from '../../stores/history.ts';
import { readingOf } from '../../stores/readings.ts';
import type { Readable } from '../../stores/store.ts';
import type { Readings } from '../../stores/workspace.ts';

/** The parameters of a panel that fills the screen. */
export interface ZoomedLook {
	readonly history: History;
	readonly now: number;
	readonly width: number;
	readonly height: number;
	/** Number of rows that are scrolled away at the top. */
	readonly from?: number;
}

/** A panel that shows readings without a selection. It scrolls to rows that do not fit. */
export interface MonitorPanel {
	readonly title: string;
	/** Returns the stores whose changes redraw it. */
	sources(readings: Readings): readonly Readable<unknown>[];
	/** Returns a few words beside its title. */
	summary(readings: Readings, now: number, rect: Rect): Line;
	/** Returns all of its rows. */
	rows(readings: Readings, now: number, width: number): readonly Line[];
	/** Returns everything it shows on the whole screen, such as charts; default: its rows. */
	zoomed?(readings: Readings, look: ZoomedLook): readonly Line[];
	/** Returns how many rows it could fill; undefined while that is not known. */
	contentRows(readings: Readings): number | undefined;
	/** True when `contentRows` depends on the readings. */
	readonly grows?: true;
	/** Number of rows it usually fills. */
	readonly usualRows: number;
}

/** The panel's view of one monitor's value. */
export interface MonitorView<Value> {
	readonly title: string;
	/** Returns a few words beside the title. */
	summary(value: Value, now: number): string;
	rows(value: Value, now: number, width: number): readonly Line[];
	/** Number of rows it usually fills; default 1. */
	readonly usualRows?: number;
	/** Returns how many rows a value fills, if that is not always the same. */
	rowCount?(value: Value): number;
}

/** Creates the panel for a monitor with one reading, by the monitor's name. Unknown and stale readings look as they do everywhere. */
export const panelOfMonitor = <Value>(
	name: string,
	{ title, summary, rows, usualRows = 1, rowCount }: MonitorView<Value>,
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
		// There is no place on the dashboard for what the runbook does not watch.
		contentRows: (readings) => {
			const reading = readingIn(readings);
			return isWatched(reading)
				? ((reading.value === undefined ? undefined : rowCount?.(reading.value)) ?? usualRows)
				: 0;
		},
		...(rowCount !== undefined && { grows: true }),
		usualRows,
	};
};
