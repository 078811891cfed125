import { setTimeout } from 'node:timers/promises';
import type { Running } from './backout.ts';

interface Status {
	suggestion?: { procedure: string; why: string };
}

/**
 * Waits until `status --watch` suggests this procedure for this reason: the facts about a fault arrive one by one. Throws after two
 * minutes, with the suggestions that came instead.
 */
export const suggests = async (watching: Running, procedure: string, why: RegExp): Promise<void> => {
	const all = new Set<string>();
	const fits = (text: string) =>
		text
			.split('\n')
			.filter((line) => line.endsWith('}'))
			.map((line) => (JSON.parse(line) as Status).suggestion)
			.some((suggestion) => {
				all.add(suggestion === undefined ? 'nothing' : `${suggestion.procedure}: ${suggestion.why}`);
				return suggestion?.procedure === procedure && why.test(suggestion.why);
			});
	const patience = new AbortController();
	const late = setTimeout(120_000, undefined, { signal: patience.signal }).then(() => {
		throw new Error(`${procedure} is not suggested for ${why}, but\n${[...all].join('\n')}`);
	});
	late.catch(() => {});
	await Promise.race([watching.until(fits), late]).finally(() => {
		patience.abort();
		watching.kill('SIGINT');
	});
	await watching.ended;
};
