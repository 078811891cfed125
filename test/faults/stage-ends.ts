import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ledgerOf } from './drill.ts';
import type { Held, Stage } from './stage.ts';
import type { Screen } from './stage-screen.ts';

/**
 * The end of a run in front of the screens that watch it: they show its end and its verdict, hold no more than before, and
 * leave, and so do the others; it is the only run that went through, every step of it ran once, and nothing is left.
 */
export const endVerified = async (
	stage: Stage,
	id: string,
	{
		watching,
		others = [],
		before,
		refused = [],
	}: {
		readonly watching: readonly Screen[];
		readonly others?: readonly Screen[];
		readonly before: Held;
		/** Runs that ended before they changed anything. */
		readonly refused?: readonly string[];
	},
): Promise<void> => {
	await Promise.all(watching.map((screen) => screen.sees('three: the end', 'Done and verified')));
	await stage.verdictOf(id);
	await stage.expectHeld(before);
	await Promise.all([...watching, ...others].map((screen) => screen.quit()));
	expect(stage.runs()).toEqual([...refused, id]);
	await expectRanOnce(stage, id, 'passed');
	await stage.expectNothingLeft();
};

/** Expects of a run that went through: its result, its journal, and that every step ran once. */
export const expectRanOnce = async (stage: Stage, id: string, verdict?: string): Promise<void> => {
	expect(await stage.resultOf(id)).toBe('succeeded 0');
	expect(await stage.journalOf(id)).toMatchObject({
		state: 'succeeded',
		procedure: 'drill',
		...(verdict !== undefined && { verdict }),
	});
	expect(
		stage
			.ledger()
			.split('\n')
			.filter((line) => line.startsWith(id))
			.map((line) => `${line}\n`)
			.join(''),
	).toBe(ledgerOf(id));
	const out = readFileSync(join(stage.state, 'runs', id, 'out'), 'utf8');
	expect(out.match(/^two: line \d+ of \d+$/gm)).toHaveLength(stage.lines);
};
