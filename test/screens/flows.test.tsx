import { afterEach, describe, expect, it, vi } from 'vitest';
import { BackoutError } from '../../src/runbook/errors.ts';
import { checks, night } from './fake-workspace.ts';
import { type OpenedApp, openApp } from './open-app.tsx';
import { failFirstStep } from './open-run.ts';

afterEach(() => vi.restoreAllMocks());

const started = (opened: OpenedApp) => opened.fake.calls.filter((call) => call.startsWith('start'));

/** Nearly stops the time by which questions are guarded: however busy the machine is, the next key comes at once. */
const holdTime = () => {
	let time = performance.now();
	vi.spyOn(performance, 'now').mockImplementation(() => {
		time += 0.001;
		return time;
	});
};

/** Goes from the dashboard to the open confirmation. */
const toQuestion = async (opened: OpenedApp) => {
	await opened.terminal.press('enter');
	await opened.terminal.waitFor('4 choices');
	await opened.terminal.press('enter');
	await opened.terminal.waitFor('Nothing has changed yet.');
	await opened.terminal.press('enter');
	await opened.terminal.waitFor('Start it now?');
};

const toRun = async (opened: OpenedApp) => {
	await toQuestion(opened);
	await opened.arm();
	await opened.terminal.press('y');
	await opened.terminal.waitFor('Output of run');
	const run = opened.fake.runs[0];
	if (run === undefined) {
		throw new Error('no run was started');
	}
	return run.state;
};

describe('from opening to a running rollback', () => {
	it('takes four keys', async () => {
		const opened = await openApp();
		await toRun(opened);
		expect(started(opened)).toEqual(['start engine-crash']);
		expect(opened.fake.calls).toContain('plan engine-crash {"commit":"b7e2f0190c3d"}');
		expect(opened.text()).toContain('Running  step 1 of 3: Save a restore point');
	});

	it('chooses another commit, and uses that one', async () => {
		const opened = await openApp();
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('✗ bad');
		await opened.terminal.press('j', 'enter');
		await opened.terminal.waitFor('Nothing has changed yet.');
		expect(opened.fake.calls).toContain('plan engine-crash {"commit":"55aa910effee"}');
	});

	it('steps back with Esc one level at a time', async () => {
		const opened = await openApp();
		holdTime();
		await toQuestion(opened);
		await opened.terminal.press('esc');
		// Within the guard nothing is an answer, not even No.
		expect(opened.text()).toContain('Start it now?');
		vi.restoreAllMocks();
		await opened.arm();
		await opened.terminal.press('esc');
		expect(opened.text()).not.toContain('Start it now?');
		expect(opened.text()).toContain('Plan: Engine crash');
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('4 choices');
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Containers');
		expect(started(opened)).toEqual([]);
	});
});

describe('what must not start anything', () => {
	it('Enter and n are No', async () => {
		const opened = await openApp();
		for (const key of ['enter', 'n']) {
			await toQuestion(opened);
			await opened.arm();
			await opened.terminal.press(key);
			expect(opened.text()).not.toContain('Start it now?');
			await opened.terminal.press('esc', 'esc');
		}
		expect(started(opened)).toEqual([]);
	});

	it('a y that came in one piece with the keys before', async () => {
		const opened = await openApp();
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Nothing has changed yet.');
		await opened.terminal.send('\ry');
		await opened.terminal.waitFor('Start it now?');
		expect(started(opened)).toEqual([]);
	});

	it('a y typed before the question could be read', async () => {
		const opened = await openApp();
		holdTime();
		await toQuestion(opened);
		await opened.terminal.press('y');
		expect(started(opened)).toEqual([]);
		expect(opened.text()).toContain('Start it now?');
	});

	it('a y that is pasted', async () => {
		const opened = await openApp();
		await toQuestion(opened);
		await opened.arm();
		await opened.terminal.send('\u001b[200~y\r\u001b[201~');
		expect(started(opened)).toEqual([]);
	});

	it('a precondition that does not hold', async () => {
		const opened = await openApp({
			plan: (plan) => ({
				...plan,
				preconditions: [{ id: 'disk', title: 'Room for an image', state: 'failed', detail: '1.2 GiB free' }],
			}),
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Refused: “Room for an image” is not met: 1.2 GiB free. Nothing was changed.');
		await opened.terminal.press('enter');
		expect(opened.text()).not.toContain('Start it now?');
	});

	it('what would be lost, until each of it was typed by name', async () => {
		const names = ['web:environment:TOKEN', 'web:mount:/data'];
		const opened = await openApp({
			plan: (plan, allowed) => ({
				...plan,
				preconditions: names.every((name) => allowed.includes(name))
					? []
					: [
							{
								id: 'losses',
								title: 'Nothing is lost',
								state: 'failed',
								detail: 'TOKEN would become empty',
								allow: names,
							},
						],
			}),
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('TOKEN would become empty. Nothing was changed. L allows it by name.');
		await opened.terminal.press('L');
		await opened.terminal.waitFor('Type  web:environment:TOKEN  (1 of 2)');
		await opened.arm();
		await opened.terminal.press(...'web', 'enter');
		await opened.terminal.waitFor('That is not “web:environment:TOKEN”. Nothing was allowed.');
		await opened.terminal.press(...'web:environment:TOKEN', 'enter');
		await opened.terminal.waitFor('Type  web:mount:/data  (2 of 2)');
		await opened.arm();
		await opened.terminal.press(...'web:mount:/data', 'enter');
		await opened.terminal.waitFor('Nothing has changed yet.');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Start it now?');
	});

	it('a blocked version, which is no loss, until it was typed by name', async () => {
		const name = 'version:blocked:20261122T031020Z-7c2e00';
		const detail = 'commit 3f2a91c was rolled back';
		const opened = await openApp({
			plan: (plan, allowed) => ({
				...plan,
				preconditions: allowed.includes(name)
					? []
					: [{ id: 'blocked', title: 'The version is not blocked', state: 'failed', detail, allow: [name] }],
			}),
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('L allow the blocked version');
		await opened.terminal.press('L');
		await opened.terminal.waitFor(`Type  ${name}`);
		expect(opened.text()).toContain('The version is blocked');
		expect(opened.text()).not.toContain('lost');
		await opened.arm();
		await opened.terminal.press(...name, 'enter');
		await opened.terminal.waitFor('Nothing has changed yet.');
	});

	it('a lock that somebody else holds', async () => {
		const opened = await openApp();
		opened.fake.stores.lock.set({
			run: 'r9',
			who: { user: 'ben', machine: 'desk' },
			since: night - 60_000,
			reason: '',
			procedure: 'rollback-image',
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Refused: ben@desk holds the lock');
		await opened.terminal.press('enter');
		expect(opened.text()).not.toContain('Start it now?');
		await opened.terminal.press('a');
		await vi.waitFor(() => expect(opened.fake.calls).toContain('attach r9'), { timeout: 30_000 });
	});

	it('a target that is read-only', async () => {
		const opened = await openApp({ target: { readOnly: true } });
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Refused: production is read-only here');
		expect(opened.terminal.screen()[0]).toContain('READ-ONLY');
	});
});

describe('a destructive procedure', () => {
	const toName = async (opened: OpenedApp) => {
		await opened.terminal.press('/', 'o', 'r', 'd', 'e', 'r', 's', 'enter', 'enter');
		await opened.terminal.waitFor('Enter asks for the target’s name and a reason.');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Type the target’s name (production)');
		await opened.arm();
	};

	it('starts with the target’s name and a reason, and with nothing less', async () => {
		const opened = await openApp();
		await toName(opened);
		await opened.terminal.press('y', 'enter');
		expect(opened.text()).toContain('That is not “production”. Nothing was started.');
		await opened.terminal.press('backspace');
		await opened.terminal.waitFor(() => !opened.text().includes('That is not'));
		expect(opened.text()).toContain('Enter next');
		await opened.terminal.press('ctrl-u', ...'production', 'enter');
		expect(opened.text()).toContain('Enter start');
		// Without a pause: the name is typed, so nothing that follows was meant for another screen.
		await opened.terminal.press('enter');
		expect(opened.text()).toContain('A reason is needed');
		expect(started(opened)).toEqual([]);
		await opened.terminal.press(...'margin', 'space', ...'call', 'enter');
		await opened.terminal.waitFor('Output of run');
		expect(started(opened)).toEqual(['start cancel-all-orders because margin call']);
	});

	it('starts nothing after Esc', async () => {
		const opened = await openApp();
		await toName(opened);
		await opened.terminal.press(...'production', 'esc');
		expect(opened.text()).not.toContain('Type the target’s name (production)');
		expect(started(opened)).toEqual([]);
	});
});

describe('a read-only procedure', () => {
	it('starts from its plan without a question', async () => {
		const opened = await openApp();
		await opened.terminal.press('G', 'enter');
		await opened.terminal.waitFor('Enter starts it; it only looks.');
		await opened.terminal.press('enter');
		// It has no output: what the checks asked and what came stands there.
		await opened.terminal.waitFor('What the checks asked, and what came');
		expect(opened.text()).not.toContain('Output of run');
		expect(opened.text()).not.toContain('Steps');
		expect(opened.text()).toContain('GET http://127.0.0.1:8080/health');
		expect(started(opened)).toEqual(['start verify']);
	});
});

describe('a run', () => {
	it('shows its output as it comes, and the containers beside', async () => {
		const opened = await openApp();
		const run = await toRun(opened);
		run.output.append(new TextEncoder().encode('Step 1/9 : FROM python\n'));
		await opened.terminal.waitFor('Step 1/9 : FROM python');
		expect(opened.text()).toMatch(/✗ trading-engine +restarting/);
	});

	it('is rolled back only when verification has passed for good', async () => {
		const opened = await openApp();
		const run = await toRun(opened);
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
		const run = await toRun(opened);
		run.run.update((now) => ({ ...now, state: 'succeeded' }));
		run.verification.set({ ...checks(night, ['gateway']), final: true, reason: 'the gateway does not connect' });
		await opened.terminal.waitFor('Verification failed: the gateway does not connect');
		expect(opened.text()).toContain('Look at Grafana http://94.130.228.55:3000');
	});

	it('is unknown, not failed, when the link is lost', async () => {
		const opened = await openApp();
		const run = await toRun(opened);
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
		const run = await toRun(opened);
		failFirstStep(run);
		await opened.terminal.waitFor('step 1 of 3: Save a restore point, exit 17');
		expect(opened.text()).toContain('The state before it was saved');
	});

	it('counts down what a waiting step has left', async () => {
		const opened = await openApp();
		const run = await toRun(opened);
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
		const run = await toRun(opened);
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Procedures');
		run.output.append(new TextEncoder().encode('still building\n'));
		await opened.terminal.waitFor('still building');
		await opened.terminal.press('9', 'enter');
		await opened.terminal.waitFor('1 of 3');
	});

	it('asks before it is cancelled, and keeps running unless told otherwise', async () => {
		const opened = await openApp();
		await toRun(opened);
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
		await toRun(opened);
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
		await toRun(opened);
		await opened.terminal.press('esc', 'q');
		await opened.terminal.waitFor('Detach and quit');
		expect(opened.exits).toEqual([]);
	});

	it('does not ask when the dashboard is left and the run has ended, only while it is verified', async () => {
		const opened = await openApp();
		await toRun(opened);
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
		await toRun(opened);
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
		expect(started(opened)).toEqual([]);
		await opened.terminal.press('enter');
		await opened.arm();
		await opened.terminal.press('y');
		await opened.terminal.waitFor('Running  step 1');
		expect(started(opened)).toEqual(['start undo']);
	});
});

describe('what fails', () => {
	it('is said with the host and the next move, and can be tried again', async () => {
		const opened = await openApp();
		const { actions } = opened.fake.workspace;
		const { inputs } = actions;
		Object.assign(actions, {
			inputs: () =>
				Promise.reject(
					new BackoutError('failed', 'git says: fatal: bad object HEAD', {
						host: 'root@94.130.228.55',
						next: 'run git fsck there',
					}),
				),
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('git says: fatal: bad object HEAD');
		expect(opened.text()).toContain('on root@94.130.228.55');
		expect(opened.text()).toContain('Next: run git fsck there');
		Object.assign(actions, { inputs });
		await opened.terminal.press('R');
		await opened.terminal.waitFor('4 choices');
	});

	it('aborts what is under way when it is left', async () => {
		const opened = await openApp();
		let signal: AbortSignal | undefined;
		Object.assign(opened.fake.workspace.actions, {
			inputs: (_: string, given: AbortSignal) => {
				signal = given;
				return new Promise(() => {});
			},
		});
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Reading what there is to choose from');
		await opened.terminal.press('esc');
		expect(opened.text()).toContain('Containers');
		expect(signal?.aborted).toBe(true);
	});
});

describe('at 40×12', () => {
	it('asks in full, whatever has to give way', async () => {
		const opened = await openApp({ columns: 40, rows: 12 });
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('b7e2f01');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Nothing has changed');
		expect(opened.text()).toMatch(/^ ◐ disruptive/m);
		await opened.terminal.press('enter');
		expect(opened.text()).toMatch(/y starts +\[No\]/);
		await opened.arm();
		await opened.terminal.press('y');
		await opened.terminal.waitFor('Running');
		const run = opened.fake.runs[0]?.state;
		run?.following.set({ status: 'lost', reason: 'no route to host' });
		await opened.terminal.waitFor(/Outcome unknown: link lost, the run is\s+probably still going on/);
	});
});
