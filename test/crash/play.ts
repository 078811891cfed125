import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeShell } from '../../src/engines/compose/shell.ts';
import { startProgram } from '../../src/services/runner/client/start-run.ts';
import { listRuns, lockHolder, newRunId, readRun, startRun } from '../helpers/compose-runner.ts';
import { named, usersOf } from '../helpers/proc.ts';
import { type Deployment, finish, localHost, makeDeployment, step, who } from '../runner/fixture.ts';

/** The programs of a run on the host, each a shell that can be killed. */
export const programs = ['start', 'supervisor', 'step', 'prune'] as const;
export const shells = {
	dash: '/usr/bin/dash',
	bash: '/usr/bin/bash',
	busybox: '/usr/bin/busybox',
};

export interface Point {
	readonly program: (typeof programs)[number];
	readonly shell: keyof typeof shells;
	/** The program's shell is struck at this system call, when it makes it for the time `number`, from 1. Without one it is not struck. */
	readonly call?: string;
	readonly number?: number;
	/** The call fails with this error, or takes so much longer, ms; without either the shell is killed there. */
	readonly error?: string | undefined;
	readonly delayMs?: number | undefined;
}

export interface Played {
	/** False when the program made fewer system calls. */
	readonly isReached: boolean;
	/** The names of the system calls that the program made, in order. */
	readonly calls: readonly string[];
	/** The call that was struck, as strace prints it. */
	readonly struck: string;
	/** What must not be, one sentence each. */
	readonly violations: readonly string[];
}

/** What a shell does that others can see, and the moments around it. */
const systemCalls = 'openat,write,clone,fork,vfork,execve,wait4,pipe,pipe2,dup2,fcntl,unlink,kill,mkdir,rename';

/** What happens at the call, as strace takes it. */
const blow = ({ error, delayMs }: Point): string => {
	if (delayMs !== undefined) return `delay_enter=${delayMs * 1000}`;
	return error === undefined ? 'signal=KILL' : `error=${error}`;
};

const strace = (point: Point, log: string): string[] => [
	...['strace', '-qq', '-o', log, '-e', `trace=${systemCalls}`],
	// strace counts each kind of call by itself.
	...(point.call === undefined ? [] : ['-e', `inject=${point.call}:${blow(point)}:when=${point.number ?? 1}`]),
];

/** The point at the system call of this place, from 1, in what an unharmed program does; undefined beyond the last. */
export const pointAt = (
	calls: readonly string[],
	place: number,
	rest: Omit<Point, 'call' | 'number'>,
): Point | undefined => {
	const call = calls[place - 1];
	return call === undefined
		? undefined
		: { ...rest, call, number: calls.slice(0, place).filter((name) => name === call).length };
};

/** Folders first on the PATH: the shell as `sh`, and programs that trace the one to be struck. */
const environment = (point: Point, deployment: Deployment, log: string): NodeJS.ProcessEnv => {
	const bin = join(dirname(deployment.directory), 'bin');
	mkdirSync(bin);
	symlinkSync(shells[point.shell], join(bin, 'sh'));
	const traced = strace(point, log).join(' ').replace('strace', 'strace -D');
	const before = (name: string, script: string, skipped: string) => {
		const test = `case "$*" in "${skipped}sh ${script}"*) exec /usr/bin/${name} ${skipped}${traced} sh ${script} "$@" ;; esac`;
		// The words that were matched are dropped.
		const drop = (skipped + script).split(' ').length + 1;
		writeFileSync(
			join(bin, name),
			`#!/usr/bin/dash\n${test.replace('exec', `shift ${drop}; exec`)}\nexec /usr/bin/${name} "$@"\n`,
		);
		chmodSync(join(bin, name), 0o755);
	};
	if (point.program === 'supervisor') before('setsid', 'supervisor.sh', '');
	if (point.program === 'step') before('setsid', 'step.sh 1', '');
	if (point.program === 'prune') before('timeout', 'prune.sh', '120 ');
	return { ...process.env, PATH: `${bin}:${process.env.PATH}` };
};

const day = 86_400_000;

/** A run of a hundred days ago that a prune takes, behind ten that stay. */
const makeOldRuns = (deployment: Deployment): string => {
	const make = (days: number) => {
		const at = Date.now() - days * day;
		const id = newRunId(new Date(at));
		const folder = join(deployment.state, 'runs', id);
		mkdirSync(join(folder, 'restore'), { recursive: true, mode: 0o700 });
		const about = { procedure: 'p', title: 't', risk: 'disruptive', who, reason: '' };
		const texts = { 'about.json': `${JSON.stringify(about)}\n`, started: `${at}\n`, result: `succeeded 0 ${at}\n` };
		for (const [name, text] of Object.entries({
			...texts,
			records: '',
			facts: '',
			alive: '',
			out: 'x',
			environment: '',
		})) {
			writeFileSync(join(folder, name), text);
		}
		return id;
	};
	mkdirSync(deployment.state, { mode: 0o700 });
	const oldest = make(100);
	for (let days = 1; days <= 10; days++) make(days);
	return oldest;
};

const startTraced = (point: Point, program: string, env: NodeJS.ProcessEnv, log: string): Promise<void> =>
	new Promise((resolve, reject) => {
		const [tracer = '', ...words] = strace(point, log);
		const child = spawn(tracer, [...words, 'sh', '-s'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
		child.on('error', reject);
		child.on('exit', () => resolve());
		child.stdin.on('error', () => {});
		child.stdin.end(program);
	});

const until = async (isSo: () => Promise<boolean>, seconds = 90): Promise<boolean> => {
	for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
		if (await isSo()) return true;
	}
	return false;
};

/** Strikes one program of a new run at one system call, and checks all that must be so afterwards, whatever was struck. */
export const play = async (point: Point): Promise<Played> => {
	const deployment = makeDeployment();
	const root = dirname(deployment.directory);
	const log = join(root, 'strace');
	const env = environment(point, deployment, log);
	const struck = localHost(env);
	const host = localHost();
	const violations: string[] = [];
	const must = (isSo: boolean, otherwise: string) => isSo || violations.push(otherwise);
	const ran = (name: string) => {
		const file = join(deployment.directory, name);
		return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
	};
	const plan = (suffix = '') =>
		deployment.plan(
			['a', 'b'].map((name) => step(name, `echo x >>"$directory/${name}${suffix}"`, { timeoutSeconds: 10 })),
		);
	try {
		const old = point.program === 'prune' ? makeOldRuns(deployment) : undefined;
		const id = newRunId();
		const options = { plan: plan(), who, reason: 'r', state: deployment.state, id, graceSeconds: 1 };
		if (point.program === 'start') {
			await startTraced(point, startProgram('mark', id, { ...options, shell: composeShell }), env, log);
		} else {
			await startRun(struck, options).catch(() => undefined);
		}
		const isListed = (await listRuns(host, deployment.where)).some((run) => run.id === id);
		must(isListed || point.call !== undefined, 'unharmed, it is not started');
		if (isListed) {
			const { run } = await finish(host, deployment.where, id);
			must(run.state === 'succeeded' || point.call !== undefined, `unharmed, it ends as ${run.state}`);
			must(run.state !== 'running', 'whoever attaches is told that it has ended, and it runs');
			must(await until(async () => (await lockHolder(host, deployment.where)) === undefined), 'the lock is never free');
			const after = await readRun(host, deployment.where, id);
			must(run.state === after.state, `it ended as ${run.state}, and then as ${after.state}`);
			after.steps.forEach((one, index) => {
				const times = ran(index === 0 ? 'a' : 'b');
				must(times <= 1, `step ${index + 1} ran ${times} times`);
				must(one.state !== 'succeeded' || times === 1, `step ${index + 1} has succeeded, and did not run`);
				must(one.state !== 'skipped' || times === 0, `step ${index + 1} was skipped, and ran`);
			});
			must(
				after.state !== 'succeeded' || (ran('a') === 1 && ran('b') === 1),
				'it has succeeded, and a step did not run',
			);
		}
		// The same start again, as a client makes it that has lost its link: it runs at most once.
		await startRun(host, options).catch(() => undefined);
		if ((await listRuns(host, deployment.where)).some((run) => run.id === id)) await finish(host, deployment.where, id);
		must(ran('a') <= 1 && ran('b') <= 1, 'started again, a step ran twice');
		const later = await startRun(host, { ...options, plan: plan('-later'), id: newRunId() }).catch(
			(error: Error) => error,
		);
		if (later instanceof Error) {
			violations.push(`a later start does not work: ${later.message}`);
		} else {
			must((await finish(host, deployment.where, later.id)).run.state === 'succeeded', 'a later run does not succeed');
		}
		if (old !== undefined) {
			const left = readdirSync(join(deployment.state, 'runs', old)).filter((name) =>
				/^(out|environment|restore.*)$/.test(name),
			);
			must(left.length === 0, `the next prune has left ${left.join(', ')}`);
		}
		must(
			await until(async () => usersOf(root).length === 0, 20),
			`processes are left: ${usersOf(root).map(named).join('; ')}`,
		);
		const strange = readdirSync(join(deployment.state, 'runs')).filter(
			(name) => !/^\.?\d{8}T\d{6}Z-[0-9a-f]{6}$/.test(name),
		);
		must(strange.length === 0, `files are left: ${strange.join(', ')}`);
		const traced = existsSync(log) ? readFileSync(log, 'utf8') : '';
		const calls = traced.split('\n').filter((line) => /^[a-z]\w*\(/.test(line));
		const isReached = /\+\+\+ killed by SIGKILL|\(INJECTED\)|\(DELAYED\)/.test(traced);
		return {
			isReached,
			calls: calls.map((line) => line.replace(/\(.*/s, '')),
			struck: isReached ? (calls.findLast((line) => /\(INJECTED\)|\(DELAYED\)|= \?/.test(line)) ?? '') : '',
			violations,
		};
	} finally {
		await struck.close();
		await host.close();
		deployment.remove();
	}
};
