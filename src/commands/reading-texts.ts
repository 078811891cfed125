import { entryOf, listedEntries, type ReadingEntry, type ReadingsNow } from '../application/watching/readings-now.ts';
import { bytes, figure, milliseconds, plural } from '../components/figures.ts';
import { shortDuration as age } from '../components/format-time.ts';
import { monitorKinds } from '../services/monitors/monitor-kinds.ts';
import { safe } from './print.ts';

/** A monitor's reading in words, with its details. */
export interface ReadingText {
	readonly entry: ReadingEntry;
	readonly text: string;
	readonly more: readonly string[];
}

/** Returns why a reading is not well: its state, the reason, and its age when it is stale; empty for one that is. */
export const doubtsOf = (entry: ReadingEntry, now: number): string =>
	[
		...(entry.state === 'ok' ? [] : [entry.state]),
		...(entry.reason === undefined ? [] : [entry.reason]),
		...(entry.stale && entry.at > 0 ? [`stale, ${age(now - entry.at)} old`] : []),
	].join(': ');

/** Returns the readings of all monitors in words: those that say what is deployed, those with a list, and the others. */
export const readingTexts = (
	snapshot: ReadingsNow,
): {
	readonly first: readonly ReadingText[];
	readonly lists: readonly ReadingText[];
	readonly rest: readonly ReadingText[];
} => {
	const format = { safe, age, bytes, milliseconds, figure, plural, now: snapshot.at };
	const single = (first: boolean) =>
		Object.entries(monitorKinds).flatMap(([name, kind]) => {
			const entry = entryOf(snapshot, name);
			return entry === undefined || (kind.first === true) !== first
				? []
				: [{ entry, more: [], ...kind.status(entry.value, format) }];
		});
	return {
		first: single(true),
		lists: listedEntries(snapshot).map(({ kind, entry }) => ({
			entry,
			text: kind.status(entry, entry.value, format),
			more: [],
		})),
		rest: single(false),
	};
};
