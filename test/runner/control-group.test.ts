import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { cancelRun, startRun } from '../helpers/compose-runner.ts';
import { killSupervisor } from '../helpers/proc.ts';
import { alive, type Deployment, eachDeployment, finish, step, untilOutput, who } from './fixture.ts';
import { describeShells, hostWithShell } from './shells.ts';

/** The mount point of control groups of version 2, and why none can be created, if so. */
const hierarchy = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
const missing = (): string | undefined => {
	if (hierarchy === undefined) {
		return 'this host has no control groups of version 2';
	}
	try {
		mkdirSync(join(hierarchy, 'backout-test'));
		rmdirSync(join(hierarchy, 'backout-test'));
		return undefined;
	} catch (error) {
		return String(error);
	}
};
const why = missing();

let deployment: Deployment;
let host: Host;
eachDeployment((opened) => {
	({ deployment, host } = opened);
});

const start = (steps: Parameters<Deployment['plan']>[0]) =>
	startRun(host, { plan: deployment.plan(steps), who, reason: '', state: deployment.state, graceSeconds: 1 });
const pids = (): number[] => readFileSync(join(deployment.directory, 'pids'), 'utf8').trim().split('\n').map(Number);

/** Leaves session, parent, environment and output behind: nothing but its control group tells whose it is. */
const escaping = (number: number): string =>
	`(env -i setsid sh -c 'echo $$ >>pids; exec /bin/sleep 1000' >/dev/null 2>&1 </dev/null &)
until [ "$(wc -l 2>/dev/null <pids)" = ${number} ]; do sleep 0.1; done
`;

describe.skipIf(why !== undefined)('in the control groups of a run', () => {
	describeShells('under %s', (shell) => {
		test('what left its session, environment and output is ended by a cancel, of an earlier step, too', async () => {
			await host.close();
			host = hostWithShell(shell, deployment);
			onTestFinished(() => host.close());
			const { id } = await start([step('first', escaping(1)), step('second', `${escaping(2)}echo ready; sleep 1000`)]);
			await untilOutput(host, deployment.where, id, 'ready');
			expect(pids().every(alive)).toBe(true);
			expect(await cancelRun(host, deployment.where, id)).toMatchObject({
				outcome: 'cancelled',
				left: [],
				isProven: true,
			});
			expect(pids().filter(alive)).toEqual([]);
			expect(existsSync(join(hierarchy ?? '', 'backout', id))).toBe(false);
		});

		test('a step that ends and leaves something running says what', async () => {
			await host.close();
			host = hostWithShell(shell, deployment);
			onTestFinished(() => host.close());
			const { id } = await start([step('first', `${escaping(1)}echo bye`), step('second', 'echo after')]);
			const { run, output } = await finish(host, deployment.where, id);
			const [left = 0] = pids();
			// It may still be the shell that is about to become sleep.
			expect(output.replace(/: sh \(/, ': sleep (')).toBe(
				`bye\nStill running after this step: sleep (process ${left})\nafter\n`,
			);
			expect(run.state).toBe('succeeded');
			process.kill(left, 'SIGKILL');
		});
	});

	test('a step out of time takes nothing with it that another one left', async () => {
		const { id } = await start([
			step('first', escaping(1)),
			step('second', 'echo here; sleep 1000', { timeoutSeconds: 1 }),
		]);
		const { run } = await finish(host, deployment.where, id);
		expect(run.state).toBe('timed-out');
		const [left = 0] = pids();
		expect(alive(left)).toBe(true);
		process.kill(left, 'SIGKILL');
	});

	test('groups that nothing is in any more are removed when the next run starts', async () => {
		const { id } = await start([step('first', `${escaping(1)}echo bye`)]);
		await finish(host, deployment.where, id);
		const group = join(hierarchy ?? '', 'backout', id);
		expect(existsSync(group)).toBe(true);
		process.kill(pids()[0] ?? 0, 'SIGKILL');
		await expect.poll(() => readFileSync(join(group, 'cgroup.events'), 'utf8')).toContain('populated 0');
		await finish(host, deployment.where, (await start([step('next', 'true')])).id);
		expect(existsSync(group)).toBe(false);
	});

	test('what a killed supervisor left is found and ended', async () => {
		const { id } = await start([step('first', `${escaping(1)}echo ready; sleep 1000`)]);
		await untilOutput(host, deployment.where, id, 'ready');
		killSupervisor(id);
		expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled', isProven: true });
		expect(pids().filter(alive)).toEqual([]);
	});
});

test.each(['dash', 'bash --posix', 'busybox sh'])(
	'without groups, %s says what a step has left running by its mark',
	(shell) => {
		const parts = ['find-marked', 'run-cgroup'].map((name) =>
			readFileSync(join(import.meta.dirname, `../../src/services/runner/host/${name}.sh`), 'utf8'),
		);
		const id = `run-${process.pid}-${shell.length}`;
		const script = `${parts.join('\n')}
step_cgroup= run_folder=/x/${id} n=1
name_left_running
setsid sleep 1000 </dev/null >/dev/null 2>&1 &
echo "left $!"
until grep -q sleep "/proc/$!/comm"; do :; done
name_left_running
kill "$!"`;
		const [command = '', ...options] = shell.split(' ');
		const { stdout } = spawnSync(command, [...options, '-c', script], {
			encoding: 'utf8',
			timeout: 20_000,
			env: { ...process.env, backout_step: `${id}/1/` },
		});
		const [, left] = /^left (\d+)$/m.exec(stdout) ?? [];
		expect(stdout).toBe(`left ${left}\nStill running after this step: sleep (process ${left})\n`);
	},
);
