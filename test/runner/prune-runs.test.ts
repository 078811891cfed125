import { execFileSync } from 'node:child_process';
import {
	appendFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { composeShell } from '../../src/engines/compose/shell.ts';
import { defaultRunLimits } from '../../src/runbook/run-limits.ts';
import type { RunLimits } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { dropRunsNow, listPrunable } from '../../src/services/runner/client/prune-runs.ts';
import { cancelRun, listRuns, newRunId, readRun, startRun } from '../helpers/compose-runner.ts';
import { killSupervisor } from '../helpers/proc.ts';
import { type Deployment, eachDeployment, finish, step, untilOutput, who } from './fixture.ts';
import { hostWithShell, shells } from './shells.ts';

const day = 86_400_000;

// One shell less: nothing here is special to bash.
describe.each(shells.filter((shell) => shell !== 'bash'))('pruning under %s', (shell) => {
	let deployment: Deployment;
	let host: Host;

	eachDeployment(
		(opened) => {
			({ deployment, host } = opened);
		},
		(made) => hostWithShell(shell, made),
	);
	beforeEach(() => {
		mkdirSync(join(deployment.state, 'runs'), { recursive: true, mode: 0o700 });
	});

	const runs = () => join(deployment.state, 'runs');

	/** A run as one would have left it that many days ago, from a machine whose clock is `clock` days ahead; gives its id. */
	const old = (
		days: number,
		{
			commit,
			kept = commit !== undefined,
			bytes = 1000,
			clock = 0,
		}: { commit?: string; kept?: boolean; bytes?: number; clock?: number } = {},
	) => {
		const at = Date.now() - days * day;
		const id = newRunId(new Date(at + clock * day));
		const folder = join(runs(), id);
		mkdirSync(join(folder, 'steps'), { recursive: true });
		const about = { procedure: 'rollback-commit', title: 'Roll back', risk: 'disruptive', who, reason: `day ${days}` };
		writeFileSync(join(folder, 'about.json'), `${JSON.stringify(about)}\n`);
		writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(deployment.plan([step('a', 'true')]))}\n`);
		writeFileSync(join(folder, 'started'), `${at}\n`);
		writeFileSync(join(folder, 'result'), `succeeded 0 ${at + 1000}\n`);
		writeFileSync(join(folder, 'records'), `begin 1 01-a ${at} 0\nend 1 01-a ${at} ${bytes} 0\n`);
		writeFileSync(join(folder, 'alive'), '');
		writeFileSync(join(folder, 'out'), 'x'.repeat(bytes));
		writeFileSync(join(folder, 'facts'), commit === undefined ? '' : `commit\t${commit}\n`);
		if (kept) {
			mkdirSync(join(folder, 'restore'));
			appendFileSync(join(folder, 'facts'), `restore_point\t${join(folder, 'restore')}\n`);
		}
		return id;
	};
	const mark = (commit: string, word: string) =>
		appendFileSync(join(deployment.state, 'commits'), `${commit} ${word} 1 run\n`);
	const newest = () => Array.from({ length: 10 }, (_, index) => old(1 + index / 10));

	const where = (limits: Partial<RunLimits> = {}) => ({
		...deployment.where,
		runs: { ...defaultRunLimits, ...limits },
	});
	const start = (limits: Partial<RunLimits> = {}, script = 'echo done') =>
		startRun(host, {
			plan: deployment.plan([step('work', script)]),
			who,
			reason: '',
			state: deployment.state,
			limits: { ...defaultRunLimits, ...limits },
			graceSeconds: 1,
		});
	const isPruned = (id: string) => existsSync(join(runs(), id, 'pruned'));

	test('by age, at the start of a run, which says what it dropped; the journal goes on telling of it', async () => {
		const dropped = old(100);
		const stays = old(80);
		const recent = newest();
		const { id } = await start();
		const { output, run } = await finish(host, deployment.where, id);
		expect(output).toBe(`pruned run ${dropped}: older than 90 days\ndone\n`);
		expect(run.steps[0]?.outputFrom).toBe(output.indexOf('done'));
		expect([dropped, stays, ...recent].filter(isPruned)).toEqual([dropped]);
		expect(readdirSync(join(runs(), dropped)).sort()).toEqual(
			['about.json', 'alive', 'facts', 'pruned', 'records', 'result', 'started'].sort(),
		);
		expect((await listRuns(host, deployment.where)).at(-1)).toMatchObject({
			id: dropped,
			state: 'succeeded',
			reason: 'day 100',
			pruned: { why: 'older than 90 days' },
		});
		const gone = await readRun(host, deployment.where, dropped);
		expect(gone).toMatchObject({ state: 'succeeded', who, plan: { title: 'Roll back' }, steps: [{ id: 'a' }] });
		expect(gone.damaged).toBeUndefined();
		expect(gone.facts.restore_point).toBeUndefined();
		expect((await finish(host, deployment.where, dropped)).output).toBe('');
		// Once only.
		const again = await start();
		expect((await finish(host, deployment.where, again.id)).output).toBe('done\n');
	});

	test('by the clock of the host, whatever the clock of the machine says that started a run', async () => {
		const dropped = old(100, { clock: 300 });
		const stays = old(80, { clock: -300 });
		const recent = newest();
		const wayBack = old(0.5, { commit: 'a'.repeat(40), clock: -200 });
		expect((await listRuns(host, deployment.where)).map(({ id }) => id)).toEqual([wayBack, ...recent, stays, dropped]);
		expect((await listPrunable(host, where())).map(({ run }) => run)).toEqual([dropped]);
		expect((await listPrunable(host, where({ keepMs: 0 }))).map(({ run }) => run)).not.toContain(wayBack);
	});

	test('never the newest restore point, nor the last that is known to be good', async () => {
		const [good, bad, newer] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
		const olderGood = old(130, { commit: good });
		const lastGood = old(120, { commit: good });
		const spoilt = old(110, { commit: bad });
		const wayBack = old(100, { commit: newer });
		const recent = newest();
		mark(bad, 'good');
		mark(good, 'good');
		// The later word counts.
		mark(bad, 'bad');
		expect((await listPrunable(host, where())).map(({ run }) => run)).toEqual([olderGood, spoilt]);
		const { id } = await start();
		await finish(host, deployment.where, id);
		expect([olderGood, lastGood, spoilt, wayBack, ...recent].filter(isPruned)).toEqual([olderGood, spoilt]);
	});

	test('never the newest with the images of a verification that passed', async () => {
		const [older, newer] = [old(130, { kept: true }), old(120, { kept: true })];
		for (const id of [older, newer]) {
			appendFileSync(join(runs(), id, 'facts'), `verified.web\tsha256:${'1'.repeat(64)}\n`);
		}
		old(110, { commit: 'a'.repeat(40) });
		old(100, { commit: 'b'.repeat(40) });
		newest();
		mark('a'.repeat(40), 'good');
		const listed = (await listPrunable(host, where())).map(({ run }) => run);
		expect(listed).toEqual([older]);
	});

	test('by size, the oldest first and no more than needed; never the newest ten', async () => {
		const ids = [9, 8, 7].map((days) => old(days, { bytes: 1024 * 1024 }));
		const recent = newest();
		const limits = { keepBytes: 2.7 * 1024 * 1024 };
		const listed = await listPrunable(host, where(limits));
		expect(listed.map(({ run }) => run)).toEqual(ids.slice(0, 1));
		expect(listed[0]?.bytes).toBeGreaterThan(1024 * 1024);
		expect(listed[0]?.why).toContain('all runs together took more than 2 MiB');
		expect((await listPrunable(host, where({ keepBytes: 0, keepMs: 0 }))).map(({ run }) => run)).toEqual(ids);
		expect(await dropRunsNow(host, composeShell, deployment.where, ids.slice(0, 1))).toEqual([
			{ run: ids[0], left: '' },
		]);
		expect([...ids, ...recent].filter(isPruned)).toEqual(ids.slice(0, 1));
		expect(await listPrunable(host, where(limits))).toEqual([]);
	});

	test('one that is going on is left alone, and while one changes something nothing is dropped', async () => {
		const dropped = old(100);
		newest();
		const { id } = await startRun(host, {
			plan: deployment.plan([step('look', 'sleep 1000')], { risk: 'read-only' }),
			who,
			reason: '',
			state: deployment.state,
			id: newRunId(new Date(Date.now() - 120 * day)),
			graceSeconds: 1,
		});
		expect((await listPrunable(host, where())).map(({ run }) => run)).toEqual([dropped]);
		const changing = await start({ keepMs: 1000 * day }, 'sleep 1000');
		await expect(dropRunsNow(host, composeShell, deployment.where, [dropped])).rejects.toMatchObject({
			code: 'refused',
			message: expect.stringContaining('lock'),
		});
		await cancelRun(host, deployment.where, id);
		await cancelRun(host, deployment.where, changing.id);
		expect(isPruned(dropped)).toBe(false);
	});

	test('never what a run that has not succeeded goes back to or goes on with, also not by hand', async () => {
		const [undone, continued, dropped] = [old(130, { kept: true }), old(120, { kept: true }), old(110, { kept: true })];
		// The way back from now stays anyway.
		old(100, { kept: true });
		const recent = newest();
		const folderOf = (id = '') => join(runs(), id);
		// An undo that failed, and a run that goes on with another: both may be run again.
		writeFileSync(
			join(folderOf(recent[0]), 'environment'),
			`from_run='${undone}'\nfrom_dir='${folderOf(undone)}/restore'\nexport from_run from_dir\n`,
		);
		writeFileSync(join(folderOf(recent[1]), 'continues'), `${continued}\n`);
		for (const id of recent.slice(0, 2)) {
			writeFileSync(join(folderOf(id), 'result'), 'failed 1 2\n');
		}
		expect((await listPrunable(host, where())).map(({ run }) => run)).toEqual([dropped]);
		expect(await dropRunsNow(host, composeShell, deployment.where, [undone])).toEqual([
			{ run: undone, left: expect.stringContaining(`run ${recent[0]} goes back to it`) },
		]);
		expect(existsSync(join(folderOf(undone), 'restore'))).toBe(true);
		writeFileSync(join(folderOf(recent[0]), 'result'), 'succeeded 0 2\n');
		expect((await listPrunable(host, where())).map(({ run }) => run)).toEqual([undone, dropped]);
	});

	test('the refs of a restore point go with it', async () => {
		const bin = join(dirname(deployment.directory), 'bin');
		// The small host of the other tests has no git.
		if (shell === 'busybox') symlinkSync('/usr/bin/git', join(bin, 'git'));
		const git = (...words: string[]) =>
			execFileSync('git', ['-C', deployment.directory, ...words])
				.toString()
				.trim();
		git('init', '-q');
		writeFileSync(join(deployment.directory, 'file'), 'x');
		git('add', '.');
		git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'one');
		const commit = git('rev-parse', 'HEAD');
		const [dropped, kept] = [old(100, { commit }), old(95, { commit })];
		newest();
		for (const id of [dropped, kept]) {
			git('update-ref', `refs/backout/${id}/head`, commit);
		}
		const { id } = await start();
		await finish(host, deployment.where, id);
		expect(git('for-each-ref', '--format=%(refname)', 'refs/backout')).toBe(`refs/backout/${kept}/head`);
		expect(existsSync(join(runs(), dropped, 'restore'))).toBe(false);
		expect(readFileSync(join(runs(), kept, 'facts'), 'utf8')).toContain('restore_point');
	});

	test('a prune that was killed is finished by the next one: files, refs, and the places of starts that were cut off', async () => {
		const bin = join(dirname(deployment.directory), 'bin');
		if (shell === 'busybox') symlinkSync('/usr/bin/git', join(bin, 'git'));
		const git = (...words: string[]) =>
			execFileSync('git', ['-C', deployment.directory, ...words])
				.toString()
				.trim();
		git('init', '-q');
		git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'one', '--allow-empty');
		const [half, said, kept] = [old(120, { kept: true }), old(110), old(95, { kept: true })];
		newest();
		// Killed after the first rename, and after its first word.
		git('update-ref', `refs/backout/${half}/head`, 'HEAD');
		renameSync(join(runs(), half, 'restore'), join(runs(), half, 'restore.dropped'));
		writeFileSync(join(runs(), said, 'pruned'), '1 older than 90 days\n');
		const [cut, late] = ['.20260101T000000Z-00000a', '.20260101T000000Z-00000b'].map((name) => join(runs(), name));
		mkdirSync(join(cut as string, 'steps'), { recursive: true });
		mkdirSync(late as string);
		utimesSync(cut as string, new Date(), new Date(Date.now() - 2 * day));
		await finish(host, deployment.where, (await start()).id);
		expect(git('for-each-ref', '--format=%(refname)', 'refs/backout')).toBe('');
		expect(existsSync(join(runs(), half, 'restore.dropped'))).toBe(false);
		expect(existsSync(join(runs(), said, 'out'))).toBe(false);
		expect(readFileSync(join(runs(), said, 'pruned'), 'utf8')).toBe('1 older than 90 days\n');
		expect([half, said, kept].filter(isPruned)).toEqual([half, said]);
		expect([cut, late].map((path) => existsSync(path as string))).toEqual([false, true]);
	});

	test.each(['read-only', 'disruptive'] as const)(
		'not a %s run whose supervisor was killed, while its step works',
		async (risk) => {
			const other = old(95);
			newest();
			const { id } = await startRun(host, {
				plan: deployment.plan([step('work', 'echo ready; sleep 1000')], { risk }),
				who,
				reason: '',
				state: deployment.state,
				limits: { ...defaultRunLimits, keepMs: 1000 * day },
				graceSeconds: 1,
			});
			await untilOutput(host, deployment.where, id, 'ready');
			writeFileSync(join(runs(), id, 'started'), `${Date.now() - 100 * day}\n`);
			killSupervisor(id);
			expect((await listPrunable(host, where())).map(({ run }) => run)).toEqual([other]);
			// By hand, from a list of before.
			if (risk === 'read-only') {
				expect(await dropRunsNow(host, composeShell, deployment.where, [id])).toEqual([
					{ run: id, left: 'all of it: it is still running' },
				]);
			}
			expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled', left: [] });
			expect((await listPrunable(host, where())).map(({ run }) => run)).toEqual([id, other]);
		},
	);
});
