import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { composeShell } from '../../src/engines/compose/shell.ts';
import type { Host } from '../../src/services/host/host.ts';
import { startProgram } from '../../src/services/runner/client/start-run.ts';
import { cancelRun, followRun, listRuns, lockHolder, newRunId, readRun, startRun } from '../helpers/compose-runner.ts';
import { killSupervisor, textOf, workingIn } from '../helpers/proc.ts';
import { alive, type Deployment, eachDeployment, finish, step, untilOutput, who } from './fixture.ts';
import { describeShells, hostWithShell } from './shells.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

const start = (steps: Parameters<Deployment['plan']>[0]) =>
	startRun(host, { plan: deployment.plan(steps), who, reason: 'r', state: deployment.state, graceSeconds: 1 });

/** Three processes that ignore TERM; one of them leaves the step's group and session. Their pids go to the file `pids`. */
const stubborn = `trap '' TERM
sh -c 'trap "" TERM; echo $$ >>pids; while [ -e pids ]; do sleep 1; done' &
setsid sh -c 'trap "" TERM; echo $$ >>pids; while [ -e pids ]; do sleep 1; done' &
echo $$ >>pids
until [ $(wc -l <pids) = 3 ]; do sleep 0.1; done
echo ready
while [ -e pids ]; do sleep 1; done`;

const pids = (): number[] => readFileSync(join(deployment.directory, 'pids'), 'utf8').trim().split('\n').map(Number);

/** The processes whose working folder is the run's: supervisor, timers, viewers. */
const inRunFolder = workingIn;

describeShells('under %s', (shell) => {
	beforeEach(async () => {
		await host.close();
		host = hostWithShell(shell, deployment);
		return () => host.close();
	});

	test('a step out of time is ended with everything it started', async () => {
		const { id } = await start([step('stubborn', stubborn, { timeoutSeconds: 3 }), step('after', 'echo after')]);
		const { run, output } = await finish(host, deployment.where, id);
		expect(output).toMatch(/^ready\n/);
		expect(run).toMatchObject({ state: 'timed-out', exitCode: 124 });
		expect(run.steps.map(({ state }) => state)).toEqual(['timed-out', 'skipped']);
		expect(pids().filter(alive)).toEqual([]);
		// Viewers that were closed go by themselves, a moment later.
		await expect.poll(() => inRunFolder(id)).toEqual([]);
	});

	test('cancel returns when nothing of the run is left', async () => {
		const { id } = await start([step('stubborn', stubborn), step('after', 'echo after')]);
		await untilOutput(host, deployment.where, id, 'ready');
		const boss = { user: 'boss', machine: 'desk' };
		expect(await cancelRun(host, deployment.where, id, { who: boss })).toMatchObject({
			outcome: 'cancelled',
			state: 'cancelled',
			left: [],
		});
		expect(pids().filter(alive)).toEqual([]);
		const run = await readRun(host, deployment.where, id);
		expect(run).toMatchObject({ state: 'cancelled', cancelledBy: boss });
		expect(run.steps.map(({ state }) => state)).toEqual(['cancelled', 'skipped']);
		expect(await lockHolder(host, deployment.where)).toBeUndefined();
		expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'already-ended', state: 'cancelled' });
		// Viewers that were closed go by themselves, a moment later.
		await expect.poll(() => inRunFolder(id)).toEqual([]);
	});
});

test('what wipes its environment and leaves session and parent behind is ended too', async () => {
	const leaving = `sh -c 'env -i setsid sh -c "echo \\$\\$ >>pids; while :; do /bin/sleep 1; done" & exit 0'
until [ -s pids ]; do sleep 0.1; done
echo ready
while [ -e pids ]; do sleep 1; done`;
	const { id } = await start([step('leave', leaving)]);
	await untilOutput(host, deployment.where, id, 'ready');
	expect(pids().filter(alive)).toHaveLength(1);
	expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled', left: [] });
	expect(pids().filter(alive)).toEqual([]);
});

test('a run that the host did not survive says so, and never that it runs', async () => {
	const { id } = await start([step('work', 'echo working; while [ ! -e go ]; do sleep 0.1; done')]);
	await untilOutput(host, deployment.where, id, 'working');
	killSupervisor(id);
	const state = async () => {
		const { state, lostBy } = await readRun(host, deployment.where, id);
		return { state, lostBy };
	};
	await expect.poll(state).toEqual({ state: 'lost', lostBy: 'death' });
	// As written before a reboot: the kernel makes another id at each boot (random(4)).
	writeFileSync(join(deployment.state, 'runs', id, 'boot'), '00000000-0000-4000-8000-000000000000\n');
	expect(await state()).toEqual({ state: 'lost', lostBy: 'restart' });
	expect((await listRuns(host, deployment.where))[0]).toMatchObject({ state: 'lost', lostBy: 'restart' });
	writeFileSync(join(deployment.directory, 'go'), '');
	// The step that was left ends by itself; in a folder that is gone it would wait for ever.
	await expect.poll(() => lockHolder(host, deployment.where)).toBeUndefined();
});

test('nothing is started while processes of a run go on whose supervisor and step were killed', async () => {
	const { id } = await start([step('work', '(sleep 1000 & echo $! >pids); echo ready; sleep 1000')]);
	await untilOutput(host, deployment.where, id, 'ready');
	killSupervisor(id);
	const [left = 0] = pids();
	const stepShell = inRunFolder(id).find((pid) => textOf(`/proc/${pid}/cmdline`).startsWith('sh\0step.sh'));
	process.kill(stepShell ?? 0, 'SIGKILL');
	await expect.poll(() => lockHolder(host, deployment.where)).toBeUndefined();
	await expect(start([step('other', 'true')])).rejects.toMatchObject({
		code: 'refused',
		message: expect.stringMatching(`run ${id} has died, but processes of it are still running: .*\\b${left}\\b`),
		next: `\`backout cancel ${id}\` ends them`,
	});
	expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled', left: [] });
	expect(alive(left)).toBe(false);
	const next = await start([step('other', 'true')]);
	expect((await finish(host, deployment.where, next.id)).run.state).toBe('succeeded');
});

test('a condition that hangs is ended, and the wait has failed', async () => {
	const { id } = await start([
		step('hang', 'echo looking; sleep 1000', { kind: 'wait', timeoutSeconds: 1, intervalSeconds: 1 }),
	]);
	const { run, output } = await finish(host, deployment.where, id);
	expect(output).toContain('looking\n');
	expect(run).toMatchObject({ state: 'failed', exitCode: 124 });
	// Viewers that were closed go by themselves, a moment later.
	await expect.poll(() => inRunFolder(id)).toEqual([]);
});

test('cancel during a wait does not wait for it', async () => {
	const { id } = await start([step('count', '', { kind: 'wait', timeoutSeconds: 1000 })]);
	const state = async () => (await readRun(host, deployment.where, id)).steps[0]?.state;
	// A step that has not begun yet would be skipped, not cancelled.
	await expect.poll(state).toBe('running');
	expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled' });
	expect(await state()).toBe('cancelled');
});

test('cancel says so when it cannot prove the end', async () => {
	const { id } = await startRun(host, {
		plan: deployment.plan([step('stubborn', stubborn)]),
		who,
		reason: '',
		state: deployment.state,
		graceSeconds: 600,
	});
	await untilOutput(host, deployment.where, id, 'ready');
	const cancelled = await cancelRun(host, deployment.where, id, { waitSeconds: 1 });
	expect(cancelled).toMatchObject({ outcome: 'still-running', state: 'running' });
	expect(cancelled.left).toEqual(expect.arrayContaining(pids()));
	for (const pid of cancelled.left) {
		if (alive(pid)) {
			process.kill(pid, 'SIGKILL');
		}
	}
	expect((await finish(host, deployment.where, id)).run.state).toBe('cancelled');
});

test('a run goes on when its client is killed, and every byte is there', async () => {
	const plan = deployment.plan([
		step('before', 'echo before'),
		step('work', 'while [ ! -e go ]; do sleep 0.1; done; seq 1 20000'),
		step('after', 'echo after'),
	]);
	const client: ChildProcess = spawn(
		process.execPath,
		[
			'--import',
			'./scripts/text-files.ts',
			'test/runner/detached-client.ts',
			JSON.stringify({ plan, who, reason: 'r', state: deployment.state }),
		],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	const id = await new Promise<string>((resolve) => {
		let said = '';
		client.stdout?.on('data', (chunk: Buffer) => {
			said += chunk;
			if (said.includes('\n.')) {
				resolve(said.split('\n')[0] ?? '');
			}
		});
	});
	client.kill('SIGKILL');
	await new Promise((resolve) => client.once('close', resolve));
	expect((await readRun(host, deployment.where, id)).state).toBe('running');
	writeFileSync(join(deployment.directory, 'go'), '');
	const { run, output } = await finish(host, deployment.where, id);
	const numbers = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
	expect(output).toBe(`before\n${numbers}after\n`);
	expect(run.state).toBe('succeeded');
	expect((await finish(host, deployment.where, id, 100)).output).toBe(output.slice(100));
	expect((await finish(host, deployment.where, id, output.length)).output).toBe('');
});

test('an upload cut off anywhere runs nothing', async () => {
	const id = newRunId();
	const program = startProgram('mark', id, {
		shell: composeShell,
		plan: deployment.plan([step('run', 'echo x >>ran')]),
		who,
		reason: '',
		state: deployment.state,
	});
	for (let part = 1; part < 20; part++) {
		const cut = program.slice(0, Math.floor((program.length * part) / 20));
		expect(spawnSync('sh', ['-s'], { input: cut }).stdout.toString()).toBe('');
	}
	expect(spawnSync('sh', ['-s'], { input: program.slice(0, -3) }).stdout.toString()).toBe('');
	expect(existsSync(deployment.state)).toBe(false);
	expect(readdirSync(deployment.directory)).toEqual([]);
	expect(await listRuns(host, deployment.where)).toEqual([]);
	expect(existsSync(deployment.state)).toBe(false);
});

test('a run whose supervisor was killed is lost, and keeps the lock until its step has ended', async () => {
	const { id } = await start([
		step('work', 'echo $PPID; while [ ! -e go ]; do sleep 0.1; done; echo done'),
		step('after', 'echo after'),
	]);
	await untilOutput(host, deployment.where, id, '\n');
	killSupervisor(id);
	const { run } = await finish(host, deployment.where, id);
	expect(run.state).toBe('lost');
	expect(run.steps.map(({ state }) => state)).toEqual(['running', 'skipped']);
	expect((await listRuns(host, deployment.where))[0]?.state).toBe('lost');
	expect((await lockHolder(host, deployment.where))?.run).toBe(id);
	await expect(start([step('other', 'true')])).rejects.toMatchObject({ code: 'refused' });
	writeFileSync(join(deployment.directory, 'go'), '');
	await expect.poll(() => lockHolder(host, deployment.where)).toBeUndefined();
	const after = await finish(host, deployment.where, id);
	expect(after.output).toMatch(/^\d+\ndone\n$/);
	expect(after.run).toMatchObject({
		state: 'lost',
		steps: [{ state: 'succeeded', exitCode: 0 }, { state: 'skipped' }],
	});
	const next = await start([step('other', 'true')]);
	expect((await finish(host, deployment.where, next.id)).run.state).toBe('succeeded');
});

test('what a killed supervisor left behind can be cancelled', async () => {
	const { id } = await start([step('stubborn', stubborn)]);
	await untilOutput(host, deployment.where, id, 'ready');
	killSupervisor(id);
	await expect.poll(async () => (await readRun(host, deployment.where, id)).state).toBe('lost');
	expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled' });
	expect(pids().filter(alive)).toEqual([]);
	expect(await lockHolder(host, deployment.where)).toBeUndefined();
});

test('onRun tells each step as it comes; abort leaves the run alone', async () => {
	const held = (name: string) => `echo begun; while [ ! -e ${name} ]; do sleep 0.1; done`;
	const { id } = await start([step('a', held('go')), step('b', held('on'))]);
	const seen: string[] = [];
	const stop = new AbortController();
	const watching = followRun(host, deployment.where, id, {
		signal: stop.signal,
		onOutput: () => stop.abort(new Error('enough')),
	});
	await expect(watching).rejects.toThrow('enough');
	expect((await readRun(host, deployment.where, id)).state).toBe('running');
	await followRun(host, deployment.where, id, {
		onLive: () => writeFileSync(join(deployment.directory, 'go'), ''),
		onRun: (run) => {
			seen.push(run.steps.map(({ state }) => state).join(' '));
			// The second step waits until it was seen to run.
			if (seen.at(-1) === 'succeeded running') {
				writeFileSync(join(deployment.directory, 'on'), '');
			}
		},
	});
	expect(seen[0]).toBe('running pending');
	expect(seen.at(-1)).toBe('succeeded succeeded');
	expect(seen).toContain('succeeded running');
});

test('what a step leaves running on purpose neither holds the lock nor the run', async () => {
	const { id } = await start([step('daemon', 'sleep 1000 >/dev/null 2>&1 & echo $! >pids')]);
	expect((await finish(host, deployment.where, id)).run.state).toBe('succeeded');
	expect(pids().filter(alive)).toHaveLength(1);
	expect(await lockHolder(host, deployment.where)).toBeUndefined();
	process.kill(pids()[0] ?? 0);
});
