import type { CapturedReadings } from '../../../runbook/captured-readings.ts';
import type { RunVerdict } from '../../../runbook/run.ts';
import { asVerdict } from './decode-plan.ts';

/**
 * The JSON objects of an append-only file, one a line, oldest first, that have this member and are as `isWhole` wants them. A
 * line that was cut off, or is not JSON, is passed over: it must not hide the others.
 */
export const wholeLines = <T>(text: string, isWhole: (value: Partial<T>) => boolean): readonly T[] =>
	text.split('\n').flatMap((line) => {
		try {
			const value: unknown = JSON.parse(line);
			return typeof value === 'object' && value !== null && isWhole(value as Partial<T>) ? [value as T] : [];
		} catch {
			return [];
		}
	});

/** Every verdict that was noted of a run, oldest first. */
export const verdictsIn = (text = ''): readonly RunVerdict[] =>
	wholeLines<RunVerdict>(text, (line) => asVerdict(line) !== undefined).flatMap((line) => asVerdict(line) ?? []);

/** The readings that were kept with a run, oldest first. */
export const readingsIn = (text = ''): readonly CapturedReadings[] =>
	wholeLines<CapturedReadings>(
		text,
		({ moment, seen, by }) => (moment === 'before' || moment === 'after') && Array.isArray(seen) && by !== undefined,
	);
