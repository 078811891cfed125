import { parseDuration } from '../runbook/duration.ts';
import { BackoutError } from '../runbook/errors.ts';

/** Parses an option's duration, ms. Throws `usage` for a text that is none. */
export const durationOf = (option: string, text: string): number => {
	const ms = parseDuration(text);
	if (ms === undefined) {
		throw new BackoutError('usage', `${option}: ${JSON.stringify(text)} is not a duration`, {
			next: 'write it like 30s, 5m or 1h30m',
		});
	}
	return ms;
};
