import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Host } from '../../src/services/host/host.ts';
import { readRun, startRun, stepHistory } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';
import { describeShells, hostWithShell } from './shells.ts';

describeShells(
	'what earlier runs took, under %s',
	(shell) => {
		let deployment: Deployment;
		let host: Host;
		eachDeployment(
			(opened) => {
				({ deployment, host } = opened);
			},
			(made) => hostWithShell(shell, made),
		);

		/** Runs a plan to its end, and then makes its steps to have taken so long. */
		const run = async (procedure: string, script: string, tookMs: readonly number[]) => {
			const plan = deployment.plan([step('build', script), step('switch-over', 'true')], { procedure });
			const { id } = await startRun(host, { plan, who, reason: 'r', state: deployment.state });
			await finish(host, deployment.where, id);
			const records = join(deployment.state, 'runs', id, 'records');
			const begun = new Map<string, number>();
			const changed = readFileSync(records, 'utf8').replace(
				/^(begin|end) (\d+) (\S+) (\d+)/gm,
				(_, word: string, number: string, name: string, at: string) => {
					if (word === 'begin') {
						begun.set(number, Number(at));
					}
					const to = (begun.get(number) ?? 0) + (tookMs[Number(number) - 1] ?? 0);
					return `${word} ${number} ${name} ${word === 'begin' ? at : to}`;
				},
			);
			writeFileSync(records, changed);
			return id;
		};

		test('of the same procedure, by step; what failed tells nothing, nor what is damaged', async () => {
			expect(await stepHistory(host, deployment.where, 'rollback')).toEqual(new Map());
			await run('rollback', 'true', [12_000, 500]);
			await run('rollback', 'true', [14_000, 700]);
			await run('rollback-image', 'true', [99_000, 99_000]);
			await run('rollback', 'exit 3', [1, 1]);
			await run('rollback', 'true', [-5000, 900]);
			const damaged = await run('rollback', 'true', [1, 1]);
			writeFileSync(join(deployment.state, 'runs', damaged, 'records'), 'begin 1 01-build 17');
			const past = await stepHistory(host, deployment.where, 'rollback');
			expect([...(past.get('build') ?? [])].sort()).toEqual([12_000, 14_000]);
			expect([...(past.get('switch-over') ?? [])].sort((a, b) => a - b)).toEqual([500, 700, 900]);
		});

		test('goes with the plan into the run, for whoever attaches later', async () => {
			const expected = { ms: 12_000, runs: 2 };
			const plan = deployment.plan([step('build', 'true', { expected }), step('odd', 'true')]);
			const { id } = await startRun(host, { plan, who, reason: 'r', state: deployment.state });
			await finish(host, deployment.where, id);
			const read = await readRun(host, deployment.where, id);
			expect(read.plan.steps.map((one) => one.expected)).toEqual([expected, undefined]);
		});
	},
	['busybox'],
);
