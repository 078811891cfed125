import { describe, expect, it, vi } from 'vitest';
import { BackoutError } from '../../src/runbook/errors.ts';
import { night } from './made-up.ts';
import { type OpenedApp, openApp } from './open-app.tsx';
import { holdTime, startedRuns, startRun, toQuestion } from './open-run.ts';

describe('from opening to a running rollback', () => {
	it('takes four keys', async () => {
		const opened = await openApp();
		await startRun(opened);
		expect(startedRuns(opened)).toEqual(['start engine-crash']);
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
		expect(startedRuns(opened)).toEqual([]);
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
		expect(startedRuns(opened)).toEqual([]);
	});

	it('a y that came in one piece with the keys before', async () => {
		const opened = await openApp();
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('4 choices');
		await opened.terminal.press('enter');
		await opened.terminal.waitFor('Nothing has changed yet.');
		await opened.terminal.send('\ry');
		await opened.terminal.waitFor('Start it now?');
		expect(startedRuns(opened)).toEqual([]);
	});

	it('a y typed before the question could be read', async () => {
		const opened = await openApp();
		holdTime();
		await toQuestion(opened);
		await opened.terminal.press('y');
		expect(startedRuns(opened)).toEqual([]);
		expect(opened.text()).toContain('Start it now?');
	});

	it('a y that is pasted', async () => {
		const opened = await openApp();
		await toQuestion(opened);
		await opened.arm();
		await opened.terminal.send('\u001b[200~y\r\u001b[201~');
		expect(startedRuns(opened)).toEqual([]);
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
		expect(startedRuns(opened)).toEqual([]);
		await opened.terminal.press(...'margin', 'space', ...'call', 'enter');
		await opened.terminal.waitFor('Output of run');
		expect(startedRuns(opened)).toEqual(['start cancel-all-orders because margin call']);
	});

	it('starts nothing after Esc', async () => {
		const opened = await openApp();
		await toName(opened);
		await opened.terminal.press(...'production', 'esc');
		expect(opened.text()).not.toContain('Type the target’s name (production)');
		expect(startedRuns(opened)).toEqual([]);
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
		expect(startedRuns(opened)).toEqual(['start verify']);
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
