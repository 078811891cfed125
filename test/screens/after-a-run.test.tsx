import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/runbook/plan.ts';
import type { Run, StepRun } from '../../src/runbook/run.ts';
import { night } from './made-up.ts';
import { openApp } from './open-app.tsx';
import { openRun } from './open-run.ts';

const manual = (plan: Plan): Plan => ({
	...plan,
	steps: [
		{
			id: 'unplug',
			title: 'Unplug the gateway',
			kind: 'manual',
			script: '',
			text: 'Pull the plug of the gateway.\nThen wait for the red light.',
			timeoutSeconds: 7200,
		},
		...plan.steps.slice(1),
	],
});

const toRun = async (options: Parameters<typeof openRun>[0] = {}) => {
	const opened = await openRun(options);
	return opened;
};

const endWith = (run: Run, state: Run['state'], ...states: readonly StepRun['state'][]): Run => ({
	...run,
	state,
	endedAt: night + 60_000,
	facts: { restore_point: '/var/lib/backout/x/runs/y/restore' },
	steps: run.steps.map((step, index) => ({
		...step,
		state: states[index] ?? 'skipped',
		...(states[index] === 'failed' && { exitCode: 3 }),
	})),
});

describe('a run that stops for the operator', () => {
	it('says what to do, and goes on only after a choice and a last word', async () => {
		const { terminal, fake, text, arm, id } = await toRun({ plan: manual });
		await terminal.waitFor('Waiting for you: Unplug the gateway');
		expect(text()).toContain('Pull the plug of the gateway. Then wait for the red light.');
		expect(text()).toContain('waits for you');
		await terminal.press('a');
		await terminal.waitFor('Not yet: it waits on');
		// The safe one is preselected.
		await arm();
		await terminal.press('enter');
		expect(text()).not.toContain('Not yet: it waits on');
		expect(fake.calls.filter((call) => call.startsWith('answer'))).toEqual([]);

		await terminal.press('a');
		await terminal.waitFor('Not yet: it waits on');
		await arm();
		await terminal.press('d');
		await terminal.waitFor('for the journal');
		expect(fake.calls.filter((call) => call.startsWith('answer'))).toEqual([]);
		await arm();
		await terminal.send('red light is on');
		await terminal.waitFor('red light is on');
		await terminal.press('enter');
		await terminal.waitFor(`Run ${id} continues.`);
		expect(fake.calls).toContain(`answer ${id} step 1 done because red light is on`);
	});

	it('is given up in the same way, and then says who did it', async () => {
		const { terminal, fake, arm, id, run } = await toRun({ plan: manual });
		await terminal.waitFor('Waiting for you');
		await terminal.press('a');
		await terminal.waitFor('Give up: the run stops');
		await arm();
		await terminal.press('g');
		await terminal.waitFor('Why, for the journal');
		await arm();
		await terminal.press('enter');
		await terminal.waitFor(`Run ${id} stops there.`);
		expect(fake.calls).toContain(`answer ${id} step 1 gave-up`);
		const ended = endWith(run.run.get(), 'failed', 'failed');
		run.run.set({
			...ended,
			steps: ended.steps.map((step, index) =>
				index === 0
					? {
							...step,
							answer: { answer: 'gave-up', at: night, who: { user: 'ben', machine: 'desk' }, reason: 'no ladder' },
						}
					: step,
			),
		});
		await terminal.waitFor('Given up');
		await terminal.waitFor('by ben@desk: no ladder');
	});
});

describe('a run that waits for another operator', () => {
	it('names its plan, and is approved only after a choice that says what it means', async () => {
		const approved = (plan: Plan): Plan => ({
			...plan,
			steps: [
				{
					id: 'approval',
					title: 'Approval by another operator',
					kind: 'approval',
					script: '',
					text: 'Another operator must approve this plan: backout approve RUN',
					timeoutSeconds: 1800,
				},
				...plan.steps,
			],
		});
		const { terminal, fake, text, arm, id, run } = await toRun({ plan: approved });
		run.run.update((now) => ({ ...now, planHash: '5e884898da280471'.repeat(4) }));
		await terminal.waitFor('Plan 5e884898da28: Another operator must approve');
		expect(text()).toContain('Waiting for the approval of another operator');
		expect(text()).toContain('waits for approval');
		expect(text()).not.toContain('for you');
		await terminal.press('a');
		await terminal.waitFor('I have read the plan and approve it');
		await arm();
		await terminal.press('d');
		await terminal.waitFor('It is approved, and the run continues.');
		await arm();
		await terminal.press('enter');
		await terminal.waitFor(`Run ${id} continues.`);
		expect(fake.calls).toContain(`answer ${id} step 1 done`);
	});
});

describe('a run that did not get to its end', () => {
	it('leaves the choice: again from the step, the way back, or nothing; each is a plan of its own', async () => {
		const { terminal, fake, run, text, id } = await toRun();
		run.output.append(new TextEncoder().encode('no space left on device\n'));
		await terminal.waitFor('no space left');
		run.run.set(endWith(run.run.get(), 'failed', 'succeeded', 'failed'));
		run.following.set({ status: 'ended' });
		await terminal.waitFor('[Leave it as it is]   A plan it again from step 2   U plan the undo');
		expect(text()).toContain('Failed');
		expect(text()).toContain('step 2 of 3: Build the commit beside what runs, exit 3');
		expect(text()).toContain('no space left on device');
		expect(text()).toContain('the run has ended');
		expect(text()).not.toContain('following');
		const before = fake.calls.length;
		await terminal.press('A');
		await terminal.waitFor('again from “Build”');
		await terminal.waitFor('Nothing has changed yet.');
		expect(fake.calls.slice(before)).toEqual([`retry plan ${id}`]);
		await terminal.press('esc');
		await terminal.waitFor('[Leave it as it is]');
		await terminal.press('U');
		await terminal.waitFor('Plan: Undo');
		expect(fake.calls.slice(before)).toEqual([`retry plan ${id}`, `undo plan ${id}`]);
	});

	it.each(['cancelled', 'timed-out'] as const)('%s: the same choice', async (state) => {
		const { terminal, run } = await toRun();
		run.run.set(endWith(run.run.get(), state, 'succeeded', state));
		run.following.set({ status: 'ended' });
		await terminal.waitFor('A plan it again from step 2');
	});

	it('has no choice to offer while the link is lost, nor when all is done', async () => {
		const { terminal, run, text } = await toRun();
		run.run.set(endWith(run.run.get(), 'failed', 'succeeded', 'failed'));
		run.following.set({ status: 'lost', reason: 'reset' });
		await terminal.waitFor('Outcome unknown');
		expect(text()).not.toContain('Leave it as it is');
		run.run.set({ ...endWith(run.run.get(), 'succeeded', 'succeeded', 'succeeded', 'succeeded') });
		run.following.set({ status: 'live' });
		await terminal.waitFor('Steps done, verifying');
		expect(text()).not.toContain('not verified');
		run.following.set({ status: 'ended' });
		await terminal.waitFor('Steps done, not verified');
		expect(text()).not.toContain('Leave it as it is');
		expect(text()).not.toContain('following');
	});
});

it('says that it is not known whether a run was started, and why, until the host has said it', async () => {
	const { promise: known, resolve } = Promise.withResolvers<void>();
	const opened = await openApp({ unknown: { reason: 'the link was lost', known } });
	const { terminal, arm } = opened;
	await terminal.press('enter');
	await terminal.waitFor('4 choices');
	await terminal.press('enter');
	await terminal.waitFor('Nothing has changed yet.');
	await terminal.press('enter');
	await terminal.waitFor('Start it now?');
	await arm();
	await terminal.press('y');
	await terminal.waitFor('Unknown whether run 20261122T031020Z-7c2e was started: the link was lost. Asking the host');
	expect(opened.text()).not.toContain('Output of run');
	// Meanwhile the plan is there to be read.
	expect(opened.text()).toContain('1. Save a restore point');
	resolve();
	await terminal.waitFor('Output of run');
});
