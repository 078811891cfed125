import type { Running } from './backout.ts';

interface Status {
	suggestion?: { procedure: string; why: string };
}

/** Until `status --watch` suggests this procedure for this reason: what is known of a fault comes bit by bit. */
export const suggests = async (watching: Running, procedure: string, why: RegExp): Promise<void> => {
	await watching.until((text) =>
		text
			.split('\n')
			.filter((line) => line.endsWith('}'))
			.map((line) => (JSON.parse(line) as Status).suggestion)
			.some((suggestion) => suggestion?.procedure === procedure && why.test(suggestion.why)),
	);
	watching.kill('SIGINT');
	await watching.ended;
};
