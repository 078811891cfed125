import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { guardEndOf } from '../../src/runbook/guard-run.ts';
import type { Host } from '../../src/services/host/host.ts';
import { LockHeldError } from '../../src/services/runner/client/lock.ts';
import { cancelRun, startRun } from '../helpers/compose-runner.ts';
import { killSupervisor, workingIn } from '../helpers/proc.ts';
import { type Deployment, eachDeployment, finish, makePlan, step, untilOutput, who } from './fixture.ts';
import { describeShells, hostWithShell } from './shells.ts';

// The folder of the deployment is a link, as some tools make it: current -> releases/1.

describeShells('under %s, a run whose link was moved', (shell) => {
	const short = shell === 'dash' ? {} : { tags: ['long'] };
	let deployment: Deployment;
	let host: Host;
	eachDeployment(
		(opened) => {
			({ deployment, host } = opened);
			for (const release of [1, 2]) {
				mkdirSync(at(`releases/${release}`), { recursive: true });
				// Where a user without root has it.
				mkdirSync(at(`releases/.backout-${release}`), { mode: 0o700 });
				writeFileSync(at(`releases/.backout-${release}/directory`), `${at(`releases/${release}`)}\n`);
			}
			leadTo(1);
		},
		(opened) => hostWithShell(shell, opened),
	);
	const at = (name: string) => join(dirname(deployment.directory), name);
	const leadTo = (release: number) => {
		symlinkSync(`releases/${release}`, at('next'));
		renameSync(at('next'), at('current'));
	};
	const start = async (script: string, more: Parameters<typeof makePlan>[2] = {}, directory = at('current')) =>
		(
			await startRun(host, {
				plan: makePlan(directory, [step('work', script)], more),
				who,
				reason: 'r',
				graceSeconds: 1,
			})
		).id;
	const of = (release: number) => ({ directory: at(`releases/${release}`), state: '' });
	const untilReady = async (id: string) => {
		await untilOutput(host, of(1), id, 'ready');
		return id;
	};
	const hang = 'echo ready; sleep 1000';

	test('keeps others from starting until it has ended', short, async () => {
		const id = await untilReady(await start(hang));
		leadTo(2);
		const error = await start('echo no').catch((error: unknown) => error);
		expect(error).toBeInstanceOf(LockHeldError);
		expect(error).toMatchObject({
			message: expect.stringContaining(`${at('current')} is locked by ana@laptop`),
			holder: { run: id },
			next: expect.stringContaining(`its records are in ${at('releases/.backout-1')}`),
		});
		// Named without the link, too; but another project beside it is not kept.
		await expect(start('echo no', {}, at('releases/2'))).rejects.toBeInstanceOf(LockHeldError);
		await start('echo yes', { project: 'other' }, at('releases/2'));
		await cancelRun(host, of(1), id);
		const { run } = await finish(host, of(2), await start('echo now'));
		expect(run.state).toBe('succeeded');
	});

	test('keeps others from starting when it has died, while its processes work', short, async () => {
		const id = await untilReady(await start('exec setsid sh -c "echo ready; sleep 1000"'));
		killSupervisor(id);
		for (const pid of workingIn(id)) {
			process.kill(pid, 'SIGKILL');
		}
		leadTo(2);
		await expect(start('echo no')).rejects.toMatchObject({ holder: { run: id } });
		await cancelRun(host, of(1), id);
		await start('echo yes');
	});

	test('keeps a guard from rolling back', short, async () => {
		const id = await untilReady(await start(hang));
		leadTo(2);
		const guard = { procedure: 'Roll back', forSeconds: 30, graceSeconds: 0, intervalSeconds: 1, lastingSeconds: 2 };
		const watch = await startRun(host, {
			plan: makePlan(
				at('current'),
				[step('watch', 'exit 10', { mayFail: true }), step('back', 'touch "$directory/rolled-back"')],
				{ guard: { ...guard, checks: [], notAsked: [] } },
			),
			who,
			reason: 'r',
		});
		const { run } = await finish(host, of(2), watch.id);
		expect(guardEndOf(run)).toEqual({ end: 'stood-down', reason: expect.stringContaining(`run ${id} goes on`) });
		expect(existsSync(at('releases/2/rolled-back'))).toBe(false);
		await cancelRun(host, of(1), id);
	});

	test('never goes on beside one that starts in the same moment', short, async () => {
		for (let round = 0; round < 4; round++) {
			const started = await Promise.allSettled([start(hang, {}, at('releases/1')), start(hang, {}, at('releases/2'))]);
			const ids = started.flatMap((one, of) => (one.status === 'fulfilled' ? [[one.value, of + 1] as const] : []));
			expect(ids.length, JSON.stringify(started)).toBeLessThan(2);
			for (const [id, release] of ids) {
				await cancelRun(host, of(release), id);
			}
		}
	});
});
