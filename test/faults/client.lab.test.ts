import { describe, expect, test, vi } from 'vitest';
import { withoutLab } from '../e2e/backout.ts';
import { type Ending, endings } from './client-faults.ts';
import { type Situation, situations } from './fault.ts';
import { openStage, type Stage } from './stage.ts';
import { expectRanOnce } from './stage-ends.ts';

const inSituation = async (stage: Stage, ending: Ending, situation: Situation) => {
	const screen = await stage.open();
	if (situation !== 'idle') {
		await screen.openConfirmation();
	}
	const id = situation === 'running' ? await screen.confirm() : undefined;
	ending.end(screen);
	await ending.expectGone(screen);
	if (id === undefined) {
		expect(stage.runs()).toEqual([]);
		expect(stage.ledger()).toBe('');
	} else {
		expect(await stage.journalOf(id)).toMatchObject({ state: 'running' });
		stage.openGate();
		await expectRanOnce(stage, id);
		expect(await stage.journalOf(id)).not.toHaveProperty('verdict');
		const attached = await stage.place.run('--target', 'lab', 'attach', id);
		expect(attached.code).toBe(0);
		expect(attached.stdout).toMatch(
			/one: at the gate[\s\S]*two: line 1 of 300[\s\S]*two: line 300 of 300[\s\S]*three: the end/,
		);
		await expectRanOnce(stage, id, 'passed');
	}
	await stage.expectNothingLeft();
};

// Each is a program and an SSH server, and mostly waits.
vi.setConfig({ maxConcurrency: 3 });

/** Endings that differ little from SIGKILL: they are of the long form. */
const asAnother = ['SIGHUP', 'SIGTERM', 'terminal closed'];

describe.skipIf(withoutLab)('the client ends: idle, at the question, and in a run', () => {
	// All three use the same way to the host, one after the other: nothing may be left of the one before.
	const named = (some: readonly Ending[]) => some.map((ending) => [ending.name, ending] as const);
	const isLived = async (_: string, ending: Ending) => {
		const stage = await openStage();
		try {
			for (const situation of situations) {
				await inSituation(stage, ending, situation);
			}
		} finally {
			await stage.close();
		}
	};
	test.concurrent.each(named(endings.filter(({ name }) => !asAnother.includes(name))))('%s', isLived);
	test.concurrent.each(named(endings.filter(({ name }) => asAnother.includes(name))))('%s', { tags: 'long' }, isLived);
});
