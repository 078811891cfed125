import type { Line } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';
import type { Readable } from '../../stores/store.ts';
import type { Readings } from '../../stores/workspace.ts';

/** A panel that shows readings and has nothing to select. Rows that have no room are scrolled to. */
export interface MonitorPanel {
	readonly title: string;
	/** It is drawn anew when one of these has changed. */
	sources(readings: Readings): readonly Readable<unknown>[];
	/** In a few words, beside its title. */
	summary(readings: Readings, now: number, rect: Rect): Line;
	/** All of its rows. */
	rows(readings: Readings, now: number, width: number): readonly Line[];
	/** How many rows it could fill; undefined while that is not known. */
	room(readings: Readings): number | undefined;
	/** `room` depends on what was read. */
	readonly grows?: true;
	/** How many it usually fills. */
	readonly usualRoom: number;
}
