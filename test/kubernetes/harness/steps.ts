import { expect } from 'vitest';
import type { Place } from '../../nodes/place.ts';

const consent = ['--yes', '--reason', 'test'];

/** Returns the id of the run that a text is about. */
export const idIn = (text: string): string => /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(text)?.[0] ?? '';

/** Runs a procedure by one command; throws all that it printed unless the deployment was seen to be well afterwards. */
export const runTo = async (place: Place, ...args: readonly string[]): Promise<string> => {
	const { code, text } = await place.backout('run', ...args, ...consent);
	expect(code, text).toBe(0);
	expect(text).toMatch(/Converged: passed/);
	return text;
};

/** Waits until `status` is not well, and says this. */
export const alarm = (place: Place, words: RegExp): Promise<void> =>
	expect
		.poll(
			async () => {
				const { code, text } = await place.backout('status');
				return code === 1 ? text : `exit code ${code}`;
			},
			{ timeout: 300_000, interval: 2000 },
		)
		.toMatch(words);
