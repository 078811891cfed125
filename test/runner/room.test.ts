import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { engineOf } from '../../src/application/fleet/choose-engine.ts';
import { makePlan, objection } from '../../src/application/plans/make-plan.ts';
import { defaultRunLimits } from '../../src/runbook/run-limits.ts';
import type { ProcedureDefinition, Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, localHost, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

const procedure = (more: Partial<ProcedureDefinition> = {}): ProcedureDefinition => ({
	id: 'restart',
	title: 'Restart',
	group: '',
	when: '',
	risk: 'disruptive',
	inputs: [],
	preconditions: [],
	previews: [],
	steps: [
		{ id: 'work', title: 'Work', kind: 'run', script: 'echo changed >changed', timeoutMs: 60_000, mayFail: false },
	],
	interrupts: [],
	restorePoint: false,
	verify: [],
	notes: [],
	...more,
});

const targetOf = (one: ProcedureDefinition, freeBytes: number): Target =>
	({
		...deployment.where,
		name: 'test',
		host: 'local',
		project: 'app',
		readOnly: false,
		ssh: {},
		runs: { ...defaultRunLimits, freeBytes },
		runbook: {
			title: '',
			variables: {},
			procedures: [one],
			verification: { checks: [], settleMs: 0, deadlineMs: 0 },
		},
	}) as unknown as Target;

const planOn = (target: Target) => makePlan({ host, target, engine: engineOf(host, target) }, 'restart');

const mebibyte = 1024 * 1024;
const aLot = 1024 ** 5;

test('a plan that changes something is refused while a disk is nearly full, and says what to free', async () => {
	const plan = await planOn(targetOf(procedure(), aLot));
	const against = objection(plan);
	expect(against?.code).toBe('refused');
	expect(against?.message).toMatch(/Enough disk space \(.*iB free for the project, 1024 TiB are wanted/);
	expect(against?.message).toContain('docker builder prune');
	expect(against?.message).toContain('backout prune');

	const fine = await planOn(targetOf(procedure(), mebibyte));
	expect(objection(fine)).toBeUndefined();
	expect(fine.preconditions).toMatchObject([{ id: 'room', state: 'passed' }]);
	expect(fine.steps.map(({ id }) => id)).toEqual(['preconditions', 'work']);
});

test('what only looks, and what must be possible on a full disk, does not ask for room', async () => {
	for (const one of [procedure({ risk: 'read-only' }), procedure({ needsRoom: false })]) {
		const plan = await planOn(targetOf(one, aLot));
		expect(plan.preconditions).toEqual([]);
		expect(plan.steps.map(({ id }) => id)).toEqual(['work']);
	}
});

test('it is looked at again under the lock, before anything is changed', async () => {
	const plan = await planOn(targetOf(procedure(), mebibyte));
	const [first, ...others] = plan.steps;
	// As if the disk had filled up meanwhile.
	const script = first?.script.replace(/^wanted=\d+/m, 'wanted=1099511627776') ?? '';
	const later = { ...plan, steps: first === undefined ? others : [{ ...first, script }, ...others] };
	const { id } = await startRun(host, { plan: later, who, reason: '', state: deployment.state });
	const { run, output } = await finish(host, deployment.where, id);
	expect(run.steps.map(({ state }) => state)).toEqual(['failed', 'skipped']);
	expect(output).toContain('To free space:');
	expect(() => execFileSync('cat', [join(deployment.directory, 'changed')], { stdio: 'ignore' })).toThrow();
});

describe.runIf(process.getuid?.() === 0)('each disk by itself', () => {
	test.each(['state', 'docker'])('%s', async (what) => {
		const small = join(dirname(deployment.directory), 'small');
		mkdirSync(small);
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
		try {
			const bin = join(dirname(deployment.directory), 'bin');
			mkdirSync(bin);
			const root = what === 'docker' ? small : deployment.directory;
			writeFileSync(join(bin, 'docker'), `#!/bin/sh\necho ${root}\n`, { mode: 0o755 });
			if (what === 'state') {
				mkdirSync(join(small, 'state'), { mode: 0o700 });
				symlinkSync(join(small, 'state'), deployment.state);
			}
			await host.close();
			host = localHost({ ...process.env, PATH: `${bin}:${process.env.PATH}` });
			onTestFinished(() => host.close());
			const plan = await planOn(targetOf(procedure(), 16 * mebibyte));
			expect(plan.preconditions.find(({ id }) => id === 'room')).toMatchObject({ state: 'failed' });
			const name = what === 'docker' ? "Docker's data" : 'the runs';
			expect(plan.preconditions.find(({ id }) => id === 'room')?.detail).toMatch(
				new RegExp(`${small} has 1(\\.0)? MiB free for ${name}, 16 MiB are wanted`),
			);
		} finally {
			execFileSync('umount', ['-l', small]);
		}
	});
});
