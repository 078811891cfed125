import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineShell } from '../../src/engine/shell.ts';
import { guardEndOf } from '../../src/runbook/guard-run.ts';
import type { Host } from '../../src/services/host/host.ts';
import { startRun } from '../../src/services/runner/runner.ts';
import { memoryShell } from '../helpers/memory-engine.ts';
import { type Deployment, eachDeployment, finish, step, who } from './fixture.ts';
import { describeShells, hostWithShell } from './shells.ts';

/** An engine that gives its lock, a file of the state folder, and cannot say so before its time is over. */
const shell: EngineShell = {
	...memoryShell,
	sharedLock: 'case $1 in take) : >"$4/given"; exit 124 ;; free) rm -f ../../given ;; esac',
};

describeShells('a shared lock that is given too late, in %s', (name) => {
	const short = name === 'dash' ? {} : { tags: ['long'] };
	let deployment: Deployment;
	let host: Host;
	eachDeployment(
		(opened) => {
			({ deployment, host } = opened);
		},
		(opened) => hostWithShell(name, opened),
	);
	const reason = 'the shared lock was not given within 25 s';
	const given = () => existsSync(join(deployment.state, 'given'));

	test('is freed again when the run is refused, with the reason', short, async () => {
		const plan = deployment.plan([step('change', 'touch changed')]);
		const starting = startRun(host, { plan, shell, who, reason: 'r', state: deployment.state });
		await expect(starting).rejects.toMatchObject({ code: 'refused', message: reason });
		expect(given()).toBe(false);
	});

	test('is freed again when a guard stands down, with the reason', short, async () => {
		const plan = deployment.plan([step('watch', 'exit 10', { mayFail: true }), step('back', 'touch rolled-back')], {
			guard: {
				procedure: 'Roll back',
				forSeconds: 30,
				graceSeconds: 0,
				intervalSeconds: 1,
				lastingSeconds: 2,
				checks: [],
				notAsked: [],
			},
		});
		const { id } = await startRun(host, { plan, shell, who, reason: 'r', state: deployment.state });
		const { run, output } = await finish(host, deployment.where, id);
		expect(guardEndOf(run), output).toEqual({ end: 'stood-down', reason });
		expect(given()).toBe(false);
		expect(existsSync(join(deployment.state, 'owner'))).toBe(false);
	});
});
