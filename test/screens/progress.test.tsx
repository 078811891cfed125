import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/runbook/plan.ts';
import { night } from './made-up.ts';
import { openApp } from './open-app.tsx';
import { openRun } from './open-run.ts';

/** Keep 4 s, build 70 s, settle 20 s. */
const known = (plan: Plan): Plan => ({
	...plan,
	steps: plan.steps.map((step, index) => ({
		...step,
		expected: { ms: [4000, 70_000, 20_000][index] ?? 0, runs: index === 0 ? 1 : 3 },
	})),
});

const steps = (started: number) => [
	{ id: 'keep', state: 'succeeded' as const, startedAt: night, endedAt: night + 4000, exitCode: 0 },
	{ id: 'build', state: 'running' as const, startedAt: started },
	{ id: 'settle', state: 'pending' as const },
];

describe('what steps took before', () => {
	it('stands in the plan', async () => {
		const app = await openApp({ plan: known, rows: 60 });
		await app.terminal.press('enter');
		await app.terminal.waitFor('4 choices');
		await app.terminal.press('enter');
		await app.terminal.waitFor('3 steps on the host, usually 1:34 in all');
		expect(app.text()).toMatch(/1\. Save a restore point +usually 4s/);
		expect(app.text()).toMatch(/2\. Build the commit .*usually 1:10/);
		await app.terminal.press('o');
		await app.terminal.waitFor('1m at most, took 4s the last time');
		await app.terminal.press('O');
		await app.terminal.waitFor('20m at most, took about 1:10 the last 3 times');
	});

	it.each([
		// 34 of 94 seconds are over.
		[120, 40, '0:30 of about 1:10', '1 of 3 done, ~1:00 left ███·····'],
		[80, 24, '0:30/~1:10', '1 of 3 done, ~1:00 left'],
	])('is what a step that runs is measured by, at %dx%d', async (columns, rows, said, whole) => {
		const opened = await openRun({ plan: known, columns, rows });
		opened.run.run.update((run) => ({ ...run, steps: steps(night + 4000) }));
		opened.clock.set(night + 34_000);
		await opened.terminal.waitFor(said);
		await opened.terminal.waitFor(whole);
		await opened.terminal.waitFor(/Wait until.* ~20s/);
		expect(opened.text()).not.toContain('longer than');
	});

	it('is said to be over when a step takes longer', async () => {
		const opened = await openRun({ plan: known });
		opened.run.run.update((run) => ({ ...run, steps: steps(night + 4000) }));
		opened.clock.set(night + 4000 + 95_000);
		await opened.terminal.waitFor('1:35, usually 1:10');
		await opened.terminal.waitFor(/step 2 of 3: Build .*, longer than before: 1:35, usually 1:10/);
		await opened.terminal.waitFor('~20s left');
	});

	it('is not made up where nothing is known', async () => {
		const opened = await openRun();
		opened.run.run.update((run) => ({ ...run, steps: steps(night + 4000) }));
		opened.clock.set(night + 34_000);
		await opened.terminal.waitFor(/running +0:30/);
		expect(opened.text()).not.toMatch(/about|usually|~/);
	});
});
