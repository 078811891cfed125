import { describe, expect, it } from 'vitest';
import { checks, night } from './made-up.ts';
import { openApp } from './open-app.tsx';
import { failFirstStep, startedRuns, startRun } from './open-run.ts';

describe('a run', () => {
	it('shows its output as it comes, and the containers beside', async () => {
		const opened = await openApp();
		const { state: run } = await startRun(opened);
		run.output.append(new TextEncoder().encode('Step 1/9 : FROM python\n'));
		await opened.terminal.waitFor('Step 1/9 : FROM python');
		expect(opened.text()).toMatch(/✗ trading-engine +restarting/);
	});

	it('is rolled back only when verification has passed for good', async () => {
		const opened = await openApp();
		const { state: run } = await startRun(opened);
		const done = { ...run.run.get(), state: 'succeeded' as const };
		run.run.set({ ...done, steps: done.steps.map((step) => ({ ...step, state: 'succeeded' as const })) });
		await opened.terminal.waitFor('the checks begin');
		expect(opened.text()).not.toContain('not verified');
		run.verification.set({ ...checks(night, ['health']), deadlineAt: night + 60_000 });
		await opened.terminal.waitFor('gives up in 1:00');
		run.verification.set({ ...checks(night, []), holdingSince: night - 12_000 });
		await opened.terminal.waitFor('all checks pass for 0:12 of 0:30');
		expect(opened.text()).not.toContain('Rolled back');
		run.verification.set({ ...checks(night, []), final: true });
		await opened.terminal.waitFor('Rolled back and verified');
	});

	it('says what failed, and where to look, when verification fails', async () => {
		const opened = await openApp();
		const { state: run } = await startRun(opened);
		run.run.update((now) => ({ ...now, state: 'succeeded' }));
		run.verification.set({ ...checks(night, ['gateway']), final: true, reason: 'the gateway does not connect' });
		await opened.terminal.waitFor('Verification failed: the gateway does not connect');
		expect(opened.text()).toContain('Look at Grafana http://94.130.228.55:3000');
	});

	it('is unknown, not failed, when the link is lost', async () => {
		const opened = await openApp();
		const { state: run } = await startRun(opened);
		run.following.set({ status: 'lost', reason: 'no route to host' });
		await opened.terminal.waitFor('Outcome unknown: link lost, the run is probably still going on');
		expect(opened.text()).toContain('backout attach 20261122T031020Z-7c2e');
		// The step that was running is unknown, too, and no clock goes on.
		const step = () => opened.terminal.screen().find((row) => row.includes('1. Save a restore point'));
		expect(step()).toMatch(/ \? 1\. Save a restore point +unknown +│/);
		opened.clock.set(night + 60_000);
		await opened.terminal.drawn();
		expect(step()).toMatch(/ \? 1\. Save a restore point +unknown +│/);
		run.following.set({ status: 'lost', linkUp: true, reason: 'the host took longer than 15 s to answer' });
		await opened.terminal.waitFor(
			'Outcome unknown: the host does not answer in time, the run is probably still going on',
		);
		expect(opened.text()).toContain('took longer than 15 s');
		expect(opened.text()).not.toContain('link lost');
		run.following.set({ status: 'live' });
		await opened.terminal.waitFor('Running');
		expect(opened.text()).not.toContain('Outcome unknown');
	});

	it('says which step failed and with what', async () => {
		const opened = await openApp();
		const { state: run } = await startRun(opened);
		failFirstStep(run);
		await opened.terminal.waitFor('step 1 of 3: Save a restore point, exit 17');
		expect(opened.text()).toContain('The state before it was saved');
	});

	it('counts down what a waiting step has left', async () => {
		const opened = await openApp();
		const { state: run } = await startRun(opened);
		run.run.update((now) => ({
			...now,
			steps: now.steps.map((step, index) =>
				index === 2 ? { ...step, state: 'running', startedAt: night } : { ...step, state: 'succeeded' },
			),
		}));
		await opened.terminal.waitFor('gives up in 3:00');
		opened.clock.set(night + 60_000);
		await opened.terminal.waitFor('1:00, gives up in 2:00');
	});

	it('goes on when one looks at the dashboard meanwhile, and is found again', async () => {
		const opened = await openApp();
		const { state: run } = await startRun(opened);
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Procedures');
		run.output.append(new TextEncoder().encode('still building\n'));
		await opened.terminal.waitFor('still building');
		await opened.terminal.press('9', 'enter');
		await opened.terminal.waitFor('1 of 3');
	});

	it('asks before it is cancelled, and keeps running unless told otherwise', async () => {
		const opened = await openApp();
		await startRun(opened);
		await opened.terminal.press('X');
		await opened.terminal.waitFor('Cancel Engine crash after a deployment?');
		await opened.arm();
		await opened.terminal.press('enter');
		expect(opened.fake.calls.some((call) => call.startsWith('cancel'))).toBe(false);
		await opened.terminal.press('X');
		await opened.arm();
		await opened.terminal.press('c');
		expect(opened.fake.calls).toContain('cancel 20261122T031020Z-7c2e');
		await opened.terminal.waitFor('none of its processes is');
		expect(opened.text()).toContain('Down now: engine.');
		expect(opened.text()).toContain('Plan the undo');
		await opened.terminal.press('esc');
	});

	it('asks at q whether to stay or to detach, and goes on either way', async () => {
		const opened = await openApp();
		await startRun(opened);
		await opened.terminal.press('q');
		await opened.terminal.waitFor('The run keeps running on the host');
		await opened.arm();
		await opened.terminal.press('enter');
		expect(opened.text()).toContain('Output of run');
		await opened.terminal.press('q');
		await opened.arm();
		await opened.terminal.press('d');
		await opened.terminal.waitFor('Detached: run 20261122T031020Z-7c2e keeps running on the host');
		expect(opened.fake.calls).toContain('close 20261122T031020Z-7c2e');
		expect(opened.fake.calls.some((call) => call.startsWith('cancel'))).toBe(false);
		expect(opened.exits).toEqual([]);
	});

	it('keeps a reason that was typed while the plan is open', async () => {
		const opened = await openApp();
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Nothing has changed yet');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Start it now?');
		await opened.arm();
		await opened.terminal.press('r');
		await opened.terminal.press(...'orders', 'enter');
		await opened.terminal.waitFor(/Reason +orders/);
		await opened.terminal.press('n');
		await opened.terminal.waitFor(() => !opened.text().includes('Start it now?'));
		await opened.terminal.press('enter');
		await opened.terminal.waitFor(/Reason +orders/);
	});

	it('is asked about when the dashboard is left while it is followed', async () => {
		const opened = await openApp();
		await startRun(opened);
		await opened.terminal.press('esc', 'q');
		await opened.terminal.waitFor('Detach and quit');
		expect(opened.exits).toEqual([]);
	});

	it('does not ask when the dashboard is left and the run has ended, only while it is verified', async () => {
		const opened = await openApp();
		await startRun(opened);
		const state = opened.fake.runs[0]?.state;
		state?.run.update((now) => ({ ...now, state: 'succeeded' }));
		state?.verification.set(checks(night, ['health']));
		await opened.terminal.press('esc', 'q');
		await opened.terminal.waitFor('Leave?');
		await opened.arm();
		await opened.terminal.press('esc');
		state?.verification.set({ ...checks(night, []), final: true });
		await opened.terminal.press('q');
		await opened.terminal.waitFor(() => opened.exits.length > 0);
	});

	it('gives the output the whole screen with f', async () => {
		const opened = await openApp();
		await startRun(opened);
		await opened.terminal.press('f');
		expect(opened.text()).not.toContain('Steps ─');
		expect(opened.text()).toContain('Running');
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Steps ─');
	});
});

describe('the journal', () => {
	it('is not called empty before it was read', async () => {
		const opened = await openApp();
		opened.fake.stores.runs.set(undefined);
		await opened.terminal.press('r');
		expect(opened.text()).toContain('The journal has not been read from the host yet.');
		opened.fake.stores.runs.set([]);
		await opened.terminal.waitFor('0 in the journal');
	});

	it('lists runs with what came of them, and attaches to one', async () => {
		const opened = await openApp();
		await opened.terminal.press('r');
		expect(opened.text()).toMatch(/Roll back to a commit .*steps done +✓ passed +4:00 mara@laptop/);
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Output of run 20261121T181200Z-4f1c');
		expect(opened.fake.calls).toContain('attach 20261121T181200Z-4f1c');
	});

	it('plans the way back of a run, and starts it only when that is confirmed', async () => {
		const opened = await openApp();
		await opened.terminal.press('r');
		await opened.terminal.press('U');
		await opened.terminal.waitFor('Nothing has changed yet.');
		expect(opened.text()).toContain('Undo Roll back to a commit');
		expect(opened.fake.calls).toContain('undo plan 20261121T181200Z-4f1c');
		expect(startedRuns(opened)).toEqual([]);
		await opened.terminal.press('enter');
		await opened.arm();
		await opened.terminal.press('y');
		await opened.terminal.waitFor('Running  step 1');
		expect(startedRuns(opened)).toEqual(['start undo']);
	});
});
