import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { cancelRun, readRun, startRun } from '../helpers/compose-runner.ts';
import { killSupervisor, parentOf, textOf, workingIn } from '../helpers/proc.ts';
import { alive, type Deployment, finish, localHost, makeDeployment, step, untilOutput, who } from './fixture.ts';

// What the model of the runner (test/model) has found: one process of a run is killed, or two programs meet at the wrong moment.

let deployment: Deployment;
let host: Host;
let extra: ChildProcess | undefined;

beforeEach(() => {
	deployment = makeDeployment();
	mkdirSync(bin());
	host = localHost({ ...process.env, PATH: `${bin()}:${process.env.PATH}`, AT: deployment.directory });
});
afterEach(async () => {
	extra?.kill('SIGKILL');
	extra = undefined;
	await host.close();
	deployment.remove();
});

const bin = () => join(dirname(deployment.directory), 'bin');
const at = (name: string) => join(deployment.directory, name);
const text = (name: string) => readFileSync(at(name), 'utf8').trim();

/** Puts a program before the real one of this name; it ends with `exec` of that. */
const before = (name: string, script: string) => {
	const real = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).stdout.trim();
	writeFileSync(join(bin(), name), `#!/bin/sh\n${script}\nexec ${real} "$@"\n`);
	chmodSync(join(bin(), name), 0o755);
};

const start = async (script: string) => {
	const plan = deployment.plan([step('work', script), step('after', 'echo after >>"$directory/ran"')]);
	return (await startRun(host, { plan, who, reason: 'r', state: deployment.state, graceSeconds: 1 })).id;
};

const stepShell = (id: string): number =>
	workingIn(id).find((pid) => textOf(`/proc/${pid}/cmdline`).startsWith('sh\0step.sh')) ?? 0;

test("a step's shell is killed: what it has started is ended, and then the run has failed", async () => {
	const id = await start('sleep 1000 & echo $! >pids; echo ready; sleep 1000');
	await untilOutput(host, deployment.where, id, 'ready');
	process.kill(stepShell(id), 'SIGKILL');
	const { run } = await finish(host, deployment.where, id);
	expect(run).toMatchObject({ state: 'failed', exitCode: 137, steps: [{ state: 'failed' }, { state: 'skipped' }] });
	expect(alive(Number(text('pids')))).toBe(false);
});

test('the shell that waits for a step is killed: the run goes on when the step has ended', async () => {
	const id = await start('echo ready; while [ ! -e go ]; do sleep 0.1; done');
	await untilOutput(host, deployment.where, id, 'ready');
	process.kill(parentOf(stepShell(id)), 'SIGKILL');
	writeFileSync(at('go'), '');
	const { run } = await finish(host, deployment.where, id);
	expect(run).toMatchObject({ state: 'succeeded', steps: [{ state: 'succeeded' }, { state: 'succeeded' }] });
	expect(text('ran')).toBe('after');
});

test('cancelled before its step has begun: the run ends, and the step never begins', async () => {
	// The program of the step comes late.
	before(
		'setsid',
		'case "$*" in *step.sh*) echo $PPID >"$AT/waits"; until [ -e "$AT/go" ]; do sleep 0.1; done ;; esac',
	);
	const id = await start('echo x >>"$directory/begun"');
	await expect.poll(() => existsSync(at('waits')) && text('waits')).toMatch(/\d/);
	const supervisor = workingIn(id).find((pid) => textOf(`/proc/${pid}/cmdline`).includes('supervisor.sh')) ?? 0;
	expect(supervisor).toBeGreaterThan(0);
	const cancelled = await cancelRun(host, deployment.where, id);
	expect(cancelled).toMatchObject({ outcome: 'cancelled', state: 'cancelled', left: [] });
	writeFileSync(at('go'), '');
	const { run } = await finish(host, deployment.where, id);
	expect(run.steps.map(({ state }) => state)).toEqual(['cancelled', 'skipped']);
	expect(existsSync(at('begun'))).toBe(false);
});

test('a step whose run was said to be over does not begin, however late it comes', async () => {
	before(
		'setsid',
		'case "$*" in *step.sh*) echo $PPID >"$AT/waits"; until [ -e "$AT/go" ]; do sleep 0.1; done ;; esac',
	);
	const id = await start('echo x >>"$directory/begun"');
	await expect.poll(() => existsSync(at('waits')) && text('waits')).toMatch(/\d/);
	killSupervisor(id);
	await expect.poll(async () => (await readRun(host, deployment.where, id)).state).toBe('lost');
	await cancelRun(host, deployment.where, id);
	// As if it had been between fork and exec, where no mark tells of it.
	const late = spawnSync('sh', ['-c', 'exec 7<>control; exec sh step.sh 1 01-work run 60 2 022'], {
		cwd: join(deployment.state, 'runs', id),
		encoding: 'utf8',
	});
	expect(late.status).toBe(143);
	expect(existsSync(at('begun'))).toBe(false);
});

test('a run that ends while a cancel looks at it keeps its result, and what it left running', async () => {
	const id = await start(
		'sleep 1000 >/dev/null 2>&1 & echo $! >pids; echo ready; while [ ! -e go ]; do sleep 0.1; done',
	);
	await untilOutput(host, deployment.where, id, 'ready');
	// The cancel has seen no result; before it asks whether the run lives, that has ended.
	before(
		'flock',
		'[ "$*" != "-s -n alive true" ] || [ -e "$AT/asked" ] || { : >"$AT/asked"; : >"$AT/go"; until [ -s result ]; do sleep 0.1; done; sleep 1; }',
	);
	const cancelled = await cancelRun(host, deployment.where, id);
	const left = Number(text('pids'));
	expect(existsSync(at('asked'))).toBe(true);
	expect(cancelled).toMatchObject({ outcome: 'already-ended', state: 'succeeded' });
	expect((await readRun(host, deployment.where, id)).state).toBe('succeeded');
	expect(alive(left)).toBe(true);
	process.kill(left, 'SIGKILL');
});

test('a cancel of what a dead run left takes no name off a lock that somebody has taken meanwhile', async () => {
	const id = await start('sleep 1000 & echo ready; sleep 1000');
	await untilOutput(host, deployment.where, id, 'ready');
	const shell = stepShell(id);
	killSupervisor(id);
	process.kill(shell, 'SIGKILL');
	await expect.poll(() => alive(shell)).toBe(false);
	// Somebody's start, which is about to look at that name and to write its own.
	extra = spawn('flock', [join(deployment.state, 'lock'), 'sh', '-c', 'echo has it; exec sleep 1000']);
	await new Promise((resolve) => extra?.stdout?.once('data', resolve));
	expect(await cancelRun(host, deployment.where, id)).toMatchObject({ outcome: 'cancelled', left: [] });
	expect(readFileSync(join(deployment.state, 'owner'), 'utf8')).toContain(id);
	expect(readdirSync(join(deployment.state, 'runs', id))).toContain('result');
});

test('a step whose record cannot be written does not begin, and the run has failed', async () => {
	// Nothing can be appended to a folder.
	const id = await start('folder=${run_facts%/facts}; mv "$folder/records" "$folder/kept"; mkdir "$folder/records"');
	await expect.poll(() => textOf(join(deployment.state, 'runs', id, 'result'))).toMatch(/^failed 1 /);
	expect(existsSync(at('ran'))).toBe(false);
	expect(textOf(join(deployment.state, 'runs', id, 'out'))).toContain(
		'step 2 was not begun: its record could not be written',
	);
});
