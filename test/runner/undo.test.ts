import { chmodSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { objection } from '../../src/application/plans/make-plan.ts';
import { planPrune, pruneRestorePoints, readRestorePoints } from '../../src/application/restore/restore-points.ts';
import { undoPlan } from '../../src/application/restore/undo.ts';
import type { Plan, PlanStep } from '../../src/runbook/plan.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { markCommit } from '../../src/services/runner/known-good/commits.ts';
import { restorePointStep, startRun } from '../helpers/compose-runner.ts';
import { watchedCompose } from '../helpers/watched-compose.ts';
import { type Deployment, eachDeployment, finish, plainHost, step, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;
let session: Session;

eachDeployment((opened) => {
	({ deployment, host } = opened);
}, plainHost);
beforeEach(() => {
	const target = {
		name: 'test',
		host: 'local',
		directory: deployment.directory,
		state: deployment.state,
		project: 'app',
		readOnly: false,
		ssh: {},
		runbook: {
			variables: {},
			checks: [{ id: 'off', title: 'Off', kind: 'stopped', services: ['app'] }],
			verification: { checks: ['health'], settleMs: 0, deadlineMs: 0 },
		},
	} as unknown as Target;
	session = { target, ...watchedCompose(host, target), readOnly: false, close: () => host.close() };
	git('init', '-q', '-b', 'main');
	write('.gitignore', '.env\n');
	write('app.txt', 'one\n');
	write('notes.txt', 'one\n');
	write('compose.yaml', 'services: {}\n');
	git('add', '.');
	git('commit', '-q', '-m', 'one');
	write('app.txt', 'two\n');
	git('commit', '-q', '-a', '-m', 'two');
	write('.env', 'DB_PASSWORD=first\nPORT=1\n');
	chmodSync(join(deployment.directory, '.env'), 0o640);
});

const git = (...args: string[]): string => deployment.git(...args);
const write = (name: string, text: string): void => deployment.write(name, text);
const read = (name: string) => readFileSync(join(deployment.directory, name), 'utf8');

/** Reads what an operator would compare. */
const state = () => ({
	head: git('rev-parse', 'HEAD'),
	branch: git('branch', '--show-current'),
	status: git('status', '--porcelain'),
	diff: git('diff', 'HEAD'),
	staged: git('diff', '--cached'),
	env: existsSync(join(deployment.directory, '.env'))
		? `${read('.env')}${(statSync(join(deployment.directory, '.env')).mode & 0o777).toString(8)}`
		: 'none',
});

const runPlan = async (plan: Plan) => {
	const { id } = await startRun(host, { plan, who, reason: '', state: deployment.state });
	return { id, ...(await finish(host, deployment.where, id)) };
};

const change = async (script: string, more: readonly PlanStep[] = []) => {
	const done = await runPlan(deployment.plan([restorePointStep(), ...more, step('change', `set -e\n${script}`)]));
	expect(done.run.state, done.output).toBe('succeeded');
	return done.id;
};

const undo = async (id: string) => {
	const plan = await undoPlan(session, id);
	expect(objection(plan)?.message).toBeUndefined();
	const done = await runPlan(plan);
	expect(done.run.state, done.output).toBe('succeeded');
	return { plan, ...done };
};

describe('puts back what stood before', () => {
	test('commit, local changes (one of them staged) and .env; and the undo itself is undone', async () => {
		write('notes.txt', 'edited\n');
		git('add', 'notes.txt');
		write('notes.txt', 'edited twice\n');
		const before = state();
		const id = await change(
			`git reset -q --hard HEAD~1\nprintf 'DB_PASSWORD=second\\nPORT=1\\n' >.env\nchmod 600 .env`,
		);
		const after = state();
		expect(after.head).not.toBe(before.head);
		const undone = await undo(id);
		expect(state()).toEqual(before);
		expect(undone.plan.title).toBe('Undo Roll back the image');
		expect(undone.output).toContain('Restored the local change: notes.txt');
		expect(undone.output).not.toContain('first');

		await undo(undone.id);
		expect({ ...state(), status: '', diff: '', staged: '' }).toEqual({ ...after, status: '', diff: '', staged: '' });
	});

	test('HEAD that was detached, and a branch that HEAD has left', { tags: 'long' }, async () => {
		const main = state();
		const left = await change('git checkout -q --detach HEAD~1');
		await undo(left);
		expect(state()).toEqual(main);
		git('checkout', '-q', '--detach');
		const detached = state();
		const id = await change('git checkout -q main && git reset -q --keep HEAD~1');
		await undo(id);
		expect(state()).toEqual(detached);
		expect(git('rev-parse', 'main')).toBe(git('rev-parse', 'HEAD~1'));
	});

	test('a branch moved meanwhile is kept under a ref', { tags: 'long' }, async () => {
		const id = await change('git checkout -q -b other HEAD~1 && git branch -q -f main HEAD');
		const moved = git('rev-parse', 'main');
		const { id: undoing } = await undo(id);
		expect(git('branch', '--show-current')).toBe('main');
		expect(git('rev-parse', `refs/backout/${undoing}/branches/main`)).toBe(moved);
	});

	test('a local change made since stays', async () => {
		const id = await change('git reset -q --keep HEAD~1');
		write('notes.txt', 'made since\n');
		await undo(id);
		expect(read('notes.txt')).toBe('made since\n');
		expect(read('app.txt')).toBe('two\n');
	});

	test('.env that was not there is taken away, one that was removed comes back with its mode', async () => {
		const removed = await change('rm .env');
		await undo(removed);
		expect(state().env).toBe('DB_PASSWORD=first\nPORT=1\n640');
		rmSync(join(deployment.directory, '.env'));
		const made = await change('echo A=1 >.env');
		await undo(made);
		expect(state().env).toBe('none');
	});

	test("what a step noted for its own undo runs, the last first, with the run's values and from_dir", async () => {
		const note = (name: string) =>
			`mkdir -p "$restore_dir/undo"; echo ${name} >"$restore_dir/undo/${name}.value"
printf '%s\\n' 'cat "$from_dir/undo/${name}.value"; echo "$colour" >>undone.txt' >"$restore_dir/undo/${name}.sh"`;
		const plan = deployment.plan([restorePointStep(), step('a', note('10-a')), step('b', note('20-b'))], {
			environment: { colour: 'blue' },
		});
		const { id } = await runPlan(plan);
		const { output, plan: way } = await undo(id);
		expect(output.indexOf('20-b')).toBeLessThan(output.indexOf('10-a'));
		expect(way.steps.map((one) => one.id)).toEqual([
			'preconditions',
			'restore-point',
			'undo-20-b',
			'undo-10-a',
			'git',
			'files',
		]);
		expect(read('undone.txt')).toBe('blue\nblue\n');
	});
});

test('the plan shows what differs, with secrets masked, and changes nothing', async () => {
	write('notes.txt', 'edited\n');
	const id = await change(`git reset -q --hard HEAD~1\nprintf 'DB_PASSWORD=second\\nPORT=2\\n' >.env`);
	const before = state();
	const plan = await undoPlan(session, id);
	const shown = plan.previews.map(({ title, text }) => `${title}\n${text}`).join('\n');
	expect(shown).toMatch(/commit: [0-9a-f]{12} is deployed, then it was [0-9a-f]{7,} two/);
	expect(shown).toContain('local change that is gone: notes.txt');
	expect(shown).toContain('file: ');
	expect(shown).toMatch(/comes back: [0-9a-f]{7,} two/);
	expect(shown).toMatch(/-DB_PASSWORD=••••[0-9a-f]{4}\n-PORT=2\n\+DB_PASSWORD=••••[0-9a-f]{4}\n\+PORT=1/);
	expect(JSON.stringify(plan)).not.toMatch(/=(first|second)/);
	expect(state()).toEqual(before);
});

test('the checks are those of the undone run, unless they want stopped what runs again', async () => {
	const checksOf = async (checks: readonly string[]) => {
		const plan = deployment.plan([restorePointStep(), step('change', 'echo X=1 >>.env')], {
			verification: { checks, settleSeconds: 1, deadlineSeconds: 2 },
		});
		return (await undoPlan(session, (await runPlan(plan)).id)).verification.checks;
	};
	expect(await checksOf(['metrics'])).toEqual(['metrics']);
	expect(await checksOf(['off'])).toEqual(['health']);
});

describe('refuses, and says why', () => {
	test('where nothing differs', async () => {
		const id = await change('true');
		await expect(undoPlan(session, id)).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('there is nothing to restore'),
		});
	});

	test('what a step noted to be without a way back', async () => {
		write('app.txt', 'before\n');
		const id = await change(
			`echo changed >app.txt; printf 'cannot_be_undone\\tan order that is cancelled stays so\\n' >>"$run_facts"`,
		);
		await expect(undoPlan(session, id)).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('cannot be undone: an order that is cancelled stays so'),
		});
	});

	test('a run that only looked, and one without a restore point', async () => {
		const looked = await runPlan(deployment.plan([step('look', 'true')], { risk: 'read-only' }));
		await expect(undoPlan(session, looked.id)).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('it was read-only'),
		});
		const bare = await runPlan(deployment.plan([step('change', 'true')]));
		await expect(undoPlan(session, bare.id)).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('no restore point'),
		});
	});

	test('local changes in the way, and nothing is touched', async () => {
		const id = await change('git reset -q --keep HEAD~1');
		write('app.txt', 'mine\n');
		const before = state();
		const plan = await undoPlan(session, id);
		expect(objection(plan)?.message).toContain('app.txt');
		// Also when they came after the plan was made.
		const { run } = await runPlan(plan);
		expect(run.steps.find(({ id: name }) => name === 'preconditions')?.state).toBe('failed');
		expect(state()).toEqual(before);
	});

	test('a file changed locally then and otherwise now', { tags: 'long' }, async () => {
		write('notes.txt', 'then\n');
		const id = await change('git reset -q --keep HEAD~1');
		write('notes.txt', 'now\n');
		const plan = await undoPlan(session, id);
		expect(objection(plan)?.message).toContain('notes.txt');
	});

	test('an unfinished merge', { tags: 'long' }, async () => {
		const id = await change('git reset -q --keep HEAD~1');
		write('.git/MERGE_HEAD', `${git('rev-parse', 'HEAD')}\n`);
		expect(objection(await undoPlan(session, id))?.message).toContain('unfinished MERGE_HEAD');
	});
});

describe('restore points', () => {
	test('are listed, newest first; old ones are dropped, never the last known good', async () => {
		const first = await change('git reset -q --keep HEAD~1');
		await markCommit(host, deployment.where, {
			commit: git('rev-parse', 'main@{1}'),
			verdict: 'passed',
			run: first,
			at: 1,
		});
		const second = await change('echo B=1 >>.env');
		const third = await change('echo C=1 >>.env');
		const points = await readRestorePoints(session);
		expect(points.map(({ run }) => run.id).sort()).toEqual([first, second, third].sort());
		expect(points.find(({ run }) => run.id === first)).toMatchObject({ knownGood: true, branch: 'main' });
		expect(points.find(({ run }) => run.id === second)).toMatchObject({ knownGood: false });
		expect(points[0]?.keeps).toEqual(['commit', '2 files']);
		expect(points[0]?.bytes).toBeGreaterThan(0);

		const { drop } = await planPrune(session, { keep: 0 });
		expect(drop.map(({ run }) => run.id).sort()).toEqual([second, third].sort());
		const dropped = await pruneRestorePoints(session, drop);
		expect(dropped.map(({ left }) => left)).toEqual(['', '']);
		expect((await readRestorePoints(session)).map(({ run }) => run.id)).toEqual([first]);
		expect(git('for-each-ref', '--format=%(refname)', 'refs/backout')).toBe(`refs/backout/${first}/head`);
		expect(objection(await undoPlan(session, second))?.message).toContain('was pruned');
		await undo(first);
	});

	test('are not dropped on a read-only target, nor while a run has the lock', async () => {
		const id = await change('echo B=1 >>.env');
		await expect(planPrune({ ...session, readOnly: true }, { keep: 0 })).rejects.toMatchObject({ code: 'refused' });
		const { drop } = await planPrune(session, { keep: 0 });
		expect(drop.map(({ run }) => run.id)).toEqual([id]);
		const { id: running } = await startRun(host, {
			plan: deployment.plan([step('wait', 'until [ -e go ]; do sleep 0.1; done')]),
			who,
			reason: '',
			state: deployment.state,
		});
		await expect(pruneRestorePoints(session, drop)).rejects.toMatchObject({ code: 'refused' });
		write('go', '');
		await finish(host, deployment.where, running);
		expect((await readRestorePoints(session)).map(({ run }) => run.id)).toEqual([id]);
	});
});
