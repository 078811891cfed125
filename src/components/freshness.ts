import { isStale, isWatched, type Reading } from '../runbook/reading.ts';
import { age } from './format-time.ts';
import { type Line, line, span } from './line.ts';

/** Describes the age of a stale reading: `stale, 3m old`; empty while it is fresh. */
export const staleLabel = (reading: Reading<unknown>, now: number): string =>
	reading.value !== undefined && isStale(reading, now)
		? reading.at === 0
			? 'stale'
			: `stale ${age(now - reading.at).replace('now', '<10s')}`
		: '';

/** Returns the row for a reading without a value. */
export const unknownRow = (reading: Reading<unknown>, what = ''): Line =>
	isWatched(reading)
		? [
				span('? ', 'warn'),
				span(`${what === '' ? '' : `${what} `}unknown`, 'warn'),
				span(reading.reason === undefined ? '' : `: ${reading.reason}`, 'muted'),
			]
		: line(what === '' ? `– ${reading.reason}` : `– ${what} not watched`, 'muted');

/** Returns the words in a panel's title for a reading without a value. */
export const unknownSummary = (reading: Reading<unknown>): Line =>
	isWatched(reading) ? line('? unknown', 'warn') : line('– not watched', 'muted');

/** Returns a stale mark for a panel's title, with the monitor's reason why there is nothing newer, if it gave one. */
export const staleMark = (reading: Reading<unknown>, now: number): Line => {
	const words = staleLabel(reading, now);
	return words === ''
		? []
		: line(
				`◔ ${words}${reading.state !== 'unknown' || reading.reason === undefined ? '' : `: ${reading.reason}`}`,
				'warn',
			);
};
