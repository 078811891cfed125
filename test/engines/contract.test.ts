import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { InstanceEvent } from '../../src/engine/instance.ts';
import type { ProcedureDefinition } from '../../src/runbook/runbook.ts';
import { logLines } from '../../src/services/logs/log-lines.ts';
import { type Shell, shellMissing, shellPath, shells } from '../runner/shells.ts';
import { openCompose, openKubernetes, openMemory, openSwarm, type Stage } from './stages.ts';

const readOnly: ProcedureDefinition = {
	id: 'look',
	title: 'Look',
	group: '',
	when: '',
	risk: 'read-only',
	inputs: [],
	preconditions: [],
	previews: [],
	steps: [],
	interrupts: [],
	restorePoint: false,
	verify: [],
	notes: [],
};

/** Returns the output and the end of a script that one of the shells runs with the deployment's environment. */
const runIn = (shell: Shell, script: string, environment: Readonly<Record<string, string>>) => {
	const { status, stdout, stderr } = spawnSync(shellPath(shell), [...(shell === 'busybox' ? ['sh'] : []), '-s'], {
		input: script,
		env: { PATH: process.env.PATH, DOCKER_HOST: 'unix:///no/docker.sock', ...environment },
		encoding: 'utf8',
	});
	return { status, said: stdout + stderr };
};

// These tests apply to every engine: a new engine is a line here.
describe.each([
	['compose', openCompose],
	['swarm', openSwarm],
	['kubernetes', openKubernetes],
	['memory', openMemory],
] as const)('the engine %s', (_, open) => {
	let stage: Stage;
	let engine: Engine;
	let over: AbortController;
	beforeEach(async () => {
		stage = await open();
		({ engine } = stage);
		over = new AbortController();
	});
	afterEach(async () => {
		over.abort(new Error('the test is over'));
		await stage.close();
	});

	test('lists and inspects the instances of the deployment, stopped ones too', async () => {
		expect(await engine.list()).toEqual([]);
		const [web, job] = [await stage.run('web'), await stage.run('job')];
		await stage.end(job);
		const listed = await engine.list();
		expect(listed.map(({ id, service, status }) => [id, service, status]).toSorted()).toEqual(
			[
				[web, 'web', 'running'],
				[job, 'job', 'exited'],
			].toSorted(),
		);
		const details = await engine.inspect(web);
		expect(details).toMatchObject({
			id: web,
			service: 'web',
			name: stage.nameOf('web'),
			status: 'running',
			restarts: 0,
		});
		expect(details?.startedAt).toBeGreaterThanOrEqual(details?.createdAt ?? Number.NaN);
		expect(await engine.inspect(job)).toMatchObject({ status: 'exited', exitCode: 0 });
		stage.remove(job);
		expect((await engine.list()).map(({ id }) => id)).toEqual([web]);
		expect(await engine.inspect(job)).toBeUndefined();
	});

	test('describes an instance, also one that has ended', async () => {
		const web = await stage.run('web');
		await stage.end(web);
		const described = await engine.describe(web);
		expect(described).toMatchObject({ instance: { id: web, service: 'web', status: 'exited' } });
		expect(described?.shellCommand).toContain(stage.nameOf('web'));
		for (const list of [described?.command, described?.ports, described?.mounts, described?.networks]) {
			expect(list).toBeInstanceOf(Array);
		}
		expect(described?.environment.every(([name]) => name !== '')).toBe(true);
		expect(described?.imageHistory?.[0]?.command).not.toBe('');
		expect(await engine.describe('0'.repeat(64))).toBeUndefined();
		stage.remove(web);
		expect(await engine.describe(web)).toBeUndefined();
	});

	test('tells of what happens from when it listens, and of what has happened', async () => {
		const opened = Promise.withResolvers<void>();
		const told: InstanceEvent[] = [];
		const has = (id: string, action: string) => told.some((event) => event.id === id && event.action === action);
		const listening = (async () => {
			for await (const event of engine.events({ signal: over.signal, onOpen: opened.resolve })) {
				told.push(event);
			}
		})().catch(() => {});
		await opened.promise;
		const web = await stage.run('web');
		await expect.poll(() => has(web, 'start')).toBe(true);
		await stage.end(web);
		await expect.poll(() => has(web, 'die')).toBe(true);
		stage.remove(web);
		await expect.poll(() => has(web, 'destroy')).toBe(true);
		expect(told.map(({ service }) => service).every((service) => service === 'web')).toBe(true);
		const times = told.map(({ nanos }) => nanos);
		expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)));
		over.abort(new Error('enough'));
		await listening;
		const past: string[] = [];
		const until = BigInt(Date.now() + 1000) * 1_000_000n;
		for await (const { action } of engine.events({ since: times[0], until, signal: AbortSignal.timeout(30_000) })) {
			past.push(action);
		}
		expect(past).toEqual(told.map(({ action }) => action));
	});

	test('gives a log with its times, its end alone, and what is written while it is followed', async () => {
		const web = await stage.run('web');
		for (const text of ['one', 'two', 'three']) {
			stage.write(web, text);
		}
		const read = async (options: Parameters<typeof logLines>[2]) => {
			const lines: { stamp: string; text: string }[] = [];
			for await (const line of logLines(engine, { id: web, tty: false }, options)) {
				lines.push(line);
			}
			return lines;
		};
		const all = await read({});
		expect(all.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
		expect(all.every(({ stamp }) => /^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z$/.test(stamp))).toBe(true);
		expect((await read({ tail: 1 })).map(({ text }) => text)).toEqual(['three']);
		const followed: string[] = [];
		for await (const { text } of logLines(engine, { id: web, tty: false }, { follow: true, signal: over.signal })) {
			followed.push(text);
			if (text === 'three') {
				stage.write(web, 'four');
			}
			if (text === 'four') {
				await stage.end(web);
			}
		}
		// A followed log ends with its instance.
		expect(followed).toEqual(['one', 'two', 'three', 'four']);
	});

	test('gives one sample of use when one is asked for', async () => {
		const web = await stage.run('web');
		const samples: object[] = [];
		for await (const use of engine.usage(web, { once: true })) {
			samples.push(use);
		}
		expect(samples).toHaveLength(1);
		expect(samples[0]).toMatchObject({ memoryBytes: expect.any(Number) });
	});

	test('a call that is given up rejects with the reason, and one that is not answered with an error', async () => {
		const web = await stage.run('web');
		await engine.list();
		const reason = new Error('given up');
		await expect(engine.list(AbortSignal.abort(reason))).rejects.toBe(reason);
		stage.break();
		await expect(engine.list()).rejects.toThrow();
		await expect(engine.inspect(web)).rejects.toThrow();
		await expect(engine.describe(web)).rejects.toThrow();
	});

	test('says what it and its things are called, and what should run or why that is not known', async () => {
		expect(engine.project).toBe('app');
		expect(engine.terms.asks.logs('web')).toContain('web');
		const { desired, unreadable } = await engine.desired();
		expect(desired === undefined).toBe(unreadable !== undefined);
	});

	describe.each(shells.filter((shell) => shellMissing(shell) === undefined))('its functions in %s', (shell) => {
		let folder: string;
		let environment: Record<string, string>;
		beforeEach(async () => {
			folder = realpathSync(mkdtempSync(join(tmpdir(), 'backout-contract-')));
			environment = { ...(await engine.deployment()).environment, directory: folder };
		});
		afterEach(() => rmSync(folder, { recursive: true }));

		test('enter the folder, and fail where there is none', () => {
			const { scriptFunctions, stepFunctions } = engine.shell;
			for (const functions of [scriptFunctions, stepFunctions]) {
				const script = `${functions}\nenter_folder || exit 111\npwd -P\n`;
				expect(runIn(shell, script, environment)).toEqual({ status: 0, said: `${folder}\n` });
				expect(runIn(shell, script, { ...environment, directory: `${folder}/gone` }).status).toBe(111);
			}
		});

		test('are there for a step: whether the ground of the plan holds, and whether there is room', () => {
			const { stepFunctions, diskSpace } = engine.shell;
			const { status, said } = runIn(shell, `${stepFunctions}\ncommand -v ground_holds\n`, environment);
			expect({ status, said }).toEqual({ status: 0, said: 'ground_holds\n' });
			expect(runIn(shell, diskSpace, { ...environment, wanted: '0', inodes: '0' }).status).toBe(0);
		});

		/** Expects a library to define functions, each by its name. */
		const expectFunctions = (library: string, names: readonly string[]) => {
			const asked = names.map((name) => `command -v ${name}`).join('\n');
			expect(runIn(shell, `${library}\n${asked}\n`, environment)).toEqual({
				status: 0,
				said: names.map((name) => `${name}\n`).join(''),
			});
		};

		test('are there for a restore point, and for what is left of one', () => {
			const { restorePoint } = engine.shell;
			expectFunctions(restorePoint.keep, ['keep_files', 'note_containers', 'pin_images', 'keep_images']);
			expectFunctions(restorePoint.drop, ['drop_images', 'runs_with_images']);
			expectFunctions(restorePoint.list, ['image_ids']);
		});

		test('are there for an undo, and its steps are read by the shell', () => {
			const { undo } = engine.shell;
			const looks = [...undo.preconditions.first, ...undo.preconditions.last];
			expectFunctions([undo.state, undo.differences, undo.looks].join('\n'), [
				'service_differences',
				...looks.map(({ call }) => call),
			]);
			const steps = [undo.stop, ...undo.steps];
			const ids = [...looks, ...steps].map(({ id }) => id);
			expect(new Set(ids).size).toBe(ids.length);
			for (const { script } of steps) {
				expect(runIn(shell, `if false; then :\n${script}\nfi\n`, environment)).toEqual({ status: 0, said: '' });
			}
		});
	});

	test('reads nothing of an instance from a restore point that has nothing of one, or nothing that can be read', () => {
		for (const noted of ['', '[]', 'not json']) {
			expect(engine.readKept({ noted, at: 0, environment: {} })).toEqual({
				instances: [],
				environment: { from_containers: '' },
			});
		}
	});

	test('says what is deployed, also where it does not answer, and plans nothing for what changes nothing', async () => {
		stage.break();
		const deployment = await engine.deployment({ fresh: true });
		expect(deployment.project).toBe('app');
		expect(deployment.environment.project).toBe('app');
		expect(deployment.unknown).not.toBe('');
		const plan = await engine.planChanges({ procedure: readOnly, chosen: {}, allowed: [], environment: {} });
		expect(plan).toEqual({ deployment, environment: {}, preconditions: [], notes: [] });
	});
});
