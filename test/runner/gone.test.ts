import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { Run } from '../../src/runbook/run.ts';
import type { Host } from '../../src/services/host/host.ts';
import { followRun, isNoSuchRun, lockHolder, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, step, who } from './fixture.ts';
import { describeShells, hostWithShell, ignoresPath, shellPath } from './shells.ts';

describeShells(
	'the folder of a run is deleted, under %s,',
	(shell) => {
		let deployment: Deployment;
		let host: Host;
		let go: string;

		/** Nobody can see or cancel it any more, so it must not lock others out for longer than its step. */
		const untilFree = () =>
			vi.waitFor(async () => expect(await lockHolder(host, deployment.where)).toBeUndefined(), { timeout: 60_000 });

		eachDeployment(
			(opened) => {
				({ deployment, host } = opened);
				go = join(deployment.directory, 'go');
			},
			(made) => hostWithShell(shell, made),
		);

		afterEach(async () => {
			writeFileSync(go, '');
			await untilFree();
		});

		const wait = 'while [ ! -e go ]; do sleep 0.1; done';
		const held = `echo begun; : >begun; ${wait}; echo done`;
		/** A step whose folder is deleted before it begins has failed; these tests are about one that runs. */
		const begun = () =>
			vi.waitFor(() => expect(existsSync(join(deployment.directory, 'begun'))).toBe(true), { timeout: 60_000 });
		const folder = (id: string): string => join(deployment.state, 'runs', id);
		/** Removes it in one moment, as seen by others. */
		const remove = (id: string): void => {
			renameSync(folder(id), join(deployment.state, 'away'));
			rmSync(join(deployment.state, 'away'), { recursive: true, maxRetries: 5 });
		};
		/** Returns the same removal as a command of the host. */
		const removal = (id: string): string => {
			const away = join(deployment.state, 'away');
			return `mv '${folder(id)}' '${away}'; rm -rf '${away}'`;
		};
		const start = async (...scripts: readonly string[]): Promise<string> => {
			const plan = deployment.plan(scripts.map((script, index) => step(`step-${index + 1}`, script)));
			return (await startRun(host, { plan, who, reason: '', state: deployment.state, graceSeconds: 1 })).id;
		};
		/** Tests that put programs of their own in place of these. */
		const testReplacing = (...programs: readonly string[]) =>
			test.skipIf(programs.some((program) => ignoresPath(shell, program)));
		/** A program of the host that does `first` before it does its work, when its words are these. */
		const before = (program: string, words: string, first: string): void => {
			const path = join(dirname(deployment.directory), 'bin', program);
			rmSync(path, { force: true });
			const own = shell !== 'busybox' || ['flock', 'fallocate'].includes(program);
			const real = own ? `/usr/bin/${program}` : `${shellPath('busybox')} ${program}`;
			writeFileSync(path, `#!/bin/sh\ncase "$*" in ${words}) ${first} ;; esac\nexec ${real} "$@"\n`);
			chmodSync(path, 0o755);
		};
		/** This host, with `first` done before each program is started on it: the first, the second… */
		const beforeProgram = (first: (nth: number) => unknown): Host => {
			let started = 0;
			const count = () => {
				started++;
				first(started);
			};
			return new Proxy(host, {
				get: (target, name) => {
					const value: unknown = Reflect.get(target, name, target);
					if (typeof value !== 'function') {
						return value;
					}
					return (...given: readonly unknown[]) => {
						if (name === 'exec' || name === 'spawn') {
							count();
						}
						return Reflect.apply(value, target, given);
					};
				},
			});
		};
		/** Returns the result of following it, with all reports on the way. */
		const follow = async (
			id: string,
			{
				on = host,
				onFirst = () => {},
				onOutput = () => {},
			}: { readonly on?: Host; readonly onFirst?: () => void; readonly onOutput?: () => void } = {},
		) => {
			const told: Run[] = [];
			const onRun = (next: Run) => {
				if (told.push(next) === 1) {
					onFirst();
				}
			};
			const run = await followRun(on, deployment.where, id, { onRun, onOutput });
			expect(told.at(-1)).toEqual(run);
			// Known facts are not forgotten, and nothing is derived from what is missing.
			for (const { state, plan, steps } of told) {
				expect(['running', 'unknown']).toContain(state);
				expect(plan.title).toBe('Roll back the image');
				expect(steps.length).toBe(plan.steps.length);
			}
			return run;
		};
		const unknown = { state: 'unknown', gone: true };
		test('before anybody follows', async () => {
			const id = await start(held);
			remove(id);
			await expect(followRun(host, deployment.where, id)).rejects.toSatisfy(isNoSuchRun);
		});

		test('before the program that follows has begun', async () => {
			const id = await start(held);
			expect(await follow(id, { on: beforeProgram((nth) => nth === 2 && remove(id)) })).toMatchObject(unknown);
		});

		testReplacing('head')('while its files are read', async () => {
			const id = await start(held);
			before('head', '*" records"', removal(id));
			await expect(followRun(host, deployment.where, id)).rejects.toSatisfy(isNoSuchRun);
		});

		for (const [what, program, words] of [
			['its output', 'tail', '*"-f out"'],
			['its records', 'tail', '*"-f records"'],
			['its end', 'flock', '"-s alive sh"*'],
		] as const) {
			testReplacing(program)(`before ${what} is read`, async () => {
				const id = await start(held);
				await begun();
				before(program, words, removal(id));
				expect(await follow(id)).toMatchObject({
					...unknown,
					steps: [{ state: expect.stringMatching('pending|running') }],
				});
			});
		}

		test('while a step runs, which goes on', async () => {
			const id = await start(held, 'touch second');
			const run = await follow(id, { onOutput: () => remove(id) });
			expect(run).toMatchObject({
				...unknown,
				steps: [{ state: expect.stringMatching('pending|running') }, { state: 'pending' }],
			});
			expect((await lockHolder(host, deployment.where))?.run).toBe(id);
			writeFileSync(go, '');
			await untilFree();
			expect(() => rmSync(join(deployment.directory, 'second'))).toThrow();
		});

		testReplacing('grep')('between two steps', async () => {
			before('grep', '*"^end 1 "*', `rm -rf "$PWD"`);
			const id = await start(wait, 'touch second');
			expect(await follow(id, { onFirst: () => writeFileSync(go, '') })).toMatchObject({
				...unknown,
				steps: [{}, { state: 'pending' }],
			});
			await untilFree();
			expect(() => rmSync(join(deployment.directory, 'second'))).toThrow();
		});

		testReplacing('mv')('after the last step, before the result', async () => {
			before('mv', '"result.new result"', `rm -rf "$PWD"`);
			const id = await start(wait);
			expect(await follow(id, { onFirst: () => writeFileSync(go, '') })).toMatchObject(unknown);
			await untilFree();
		});

		test('before the result is read', async () => {
			const id = await start(held);
			const on = beforeProgram((nth) => nth === 3 && remove(id));
			expect(await follow(id, { on, onOutput: () => writeFileSync(go, '') })).toMatchObject({
				...unknown,
				steps: [{ state: expect.stringMatching('running|succeeded') }],
			});
		});

		test('after its result was read: how it ended stays known', async () => {
			const id = await start('echo one');
			await followRun(host, deployment.where, id);
			const run = await followRun(
				beforeProgram((nth) => nth === 2 && remove(id)),
				deployment.where,
				id,
			);
			expect(run).toMatchObject({ state: 'succeeded', gone: true });
		});

		test('bit by bit', async () => {
			const id = await start(held);
			const steps = [
				() => {},
				() => {
					rmSync(join(folder(id), 'alive'));
					rmSync(join(folder(id), 'plan.json'));
				},
				() => {},
				() => remove(id),
			];
			expect(await follow(id, { on: beforeProgram((nth) => steps[nth - 1]?.()) })).toMatchObject(unknown);
		});

		testReplacing('fallocate', 'sed')('before a wait has begun to wait', async () => {
			// The program that looks for gaps is the last one before it, if holes can be made.
			before('fallocate', '""', ':');
			before('sed', '*"^gap"*', `rm -rf "$PWD"`);
			const plan = deployment.plan([
				step('waits', '', { timeoutSeconds: 3600, kind: 'wait', script: 'exit 1', intervalSeconds: 1 }),
			]);
			await startRun(host, { plan, who, reason: '', state: deployment.state });
			await untilFree();
		});

		test.each([
			['a time to wait', { kind: 'wait', script: '' }],
			['a manual step', { kind: 'manual', text: 'Do it.', script: '' }],
			['a wait', { kind: 'wait', script: 'exit 1', intervalSeconds: 1 }],
		] as const)('while %s waits: it waits no longer', async (_, kind) => {
			const plan = deployment.plan([step('waits', '', { timeoutSeconds: 3600, ...kind })]);
			const { id } = await startRun(host, { plan, who, reason: '', state: deployment.state });
			expect(await follow(id, { onFirst: () => remove(id) })).toMatchObject(unknown);
			await untilFree();
		});
	},
	['busybox'],
);
