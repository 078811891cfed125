import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { engineOf } from '../../src/application/fleet/choose-engine.ts';
import type { Session } from '../../src/application/fleet/session.ts';
import { preconditionStep } from '../../src/application/plans/compile-steps.ts';
import { undoPlan } from '../../src/application/restore/undo.ts';
import { retryPlan } from '../../src/application/runs/retry.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import type { Host } from '../../src/services/host/host.ts';
import { listRestorePoints } from '../../src/services/runner/restore-point/list-restore-points.ts';
import { cancelRun, restorePointStep, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, untilOutput, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;
let session: Session;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});
beforeEach(() => {
	writeFileSync(join(deployment.directory, '.env'), 'A=1\n');
	const target = { ...deployment.where, name: 'test', project: 'app', runbook: { variables: {}, checks: [] } };
	session = {
		host,
		target,
		engine: engineOf(host, target as unknown as Target),
		readOnly: false,
	} as unknown as Session;
});

const file = (name: string) => join(deployment.directory, name);
const begin = (plan: Plan) =>
	startRun(host, { plan, who, reason: 'r', state: deployment.state, graceSeconds: 1 }).then(({ id }) => id);
const run = async (plan: Plan) => finish(host, deployment.where, await begin(plan));

const looks = [
	{ id: 'docker', title: 'Docker answers', script: 'test ! -e no-docker || { echo "Docker is gone"; exit 1; }' },
	{ id: 'differs', title: 'Another one than now', script: 'test ! -e switched', once: true },
];

const plan = (more: Partial<Plan> = {}) =>
	deployment.plan(
		[
			preconditionStep({ preconditions: looks }),
			restorePointStep(),
			step(
				'build',
				'echo x >>built; echo tree >"$run_dir/tree"; printf "image\\tsha256:abc\\n" >>"$run_facts"; touch switched',
			),
			step(
				'switch',
				'mkdir -p "$restore_dir/undo"; echo "rm -f switched" >"$restore_dir/undo/10-switch.sh"; echo A=2 >.env; echo "password=hunter2"; test -e fixed || { echo "not fixed"; exit 7; }',
			),
			step('show', 'echo "as $run_id with $(cat "$run_dir/tree")"; ls "$restore_dir/undo"'),
		],
		{ preconditions: looks.map((look) => ({ ...look, state: 'passed', detail: '' })), ...more },
	);

test('goes on at the step that failed, in the place of the failed run, and is undone to where that began', async () => {
	const first = (await run(plan())).run;
	expect(first.steps.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded', 'failed', 'skipped']);

	const again = await retryPlan(session, first.id);
	expect(again.steps.map(({ id }) => id)).toEqual(['preconditions', 'switch', 'show']);
	expect(again.preconditions.map(({ id, state }) => [id, state])).toEqual([
		['since', 'passed'],
		['way-back', 'passed'],
		['docker', 'passed'],
	]);
	expect(again.retryOf).toEqual({ run: first.id, title: first.plan.title, step: 'switch', origin: first.id });
	expect(again.previews[0]?.text).toMatch(/^password=••••[0-9a-f]{4}\nnot fixed$/);
	expect(again.risk).toBe(first.plan.risk);

	// It fails once more, and then succeeds.
	const second = (await run(again)).run;
	expect(second).toMatchObject({ state: 'failed', exitCode: 7 });
	writeFileSync(file('fixed'), '');
	const onceMore = await retryPlan(session, second.id);
	expect(onceMore.title).toBe(again.title);
	expect(onceMore.retryOf).toMatchObject({ run: second.id, origin: first.id });
	const third = await run(onceMore);
	expect(third.run.state).toBe('succeeded');
	expect(third.output).toContain(`as ${first.id} with tree\n10-switch.sh\n`);
	expect(third.run.facts).toMatchObject({ image: 'sha256:abc', restore_point: first.facts.restore_point });
	expect(readFileSync(file('built'), 'utf8')).toBe('x\n');
	expect((await listRestorePoints(host, session.engine.shell, deployment.where)).map((point) => point.run.id)).toEqual([
		first.id,
	]);

	const back = await run(await undoPlan(session, third.run.id));
	expect(back.run.plan.environment.from_run).toBe(first.id);
	expect(back.run.state).toBe('succeeded');
	expect(readFileSync(file('.env'), 'utf8')).toBe('A=1\n');
	expect(existsSync(file('switched'))).toBe(false);
});

test('what does not hold now, and what another run has changed since, stand against it', async () => {
	const first = (await run(plan())).run;
	writeFileSync(file('no-docker'), '');
	const refused = await retryPlan(session, first.id);
	expect(refused.preconditions.find(({ id }) => id === 'docker')).toMatchObject({
		state: 'failed',
		detail: 'Docker is gone',
	});
	// Planned before, started after: the host looks again, under the lock.
	const planned = await retryPlan(session, first.id);
	const other = (await run(deployment.plan([step('other', 'true')]))).run;
	const late = await run(planned);
	expect(late.run.steps.map(({ state }) => state)).toEqual(['failed', 'skipped', 'skipped']);
	expect(late.output).toContain(`run ${other.id} has changed something since`);
	expect((await retryPlan(session, first.id)).preconditions[0]).toMatchObject({ id: 'since', state: 'failed' });
});

test('a run that had changed nothing is planned whole again', async () => {
	writeFileSync(file('no-docker'), '');
	const first = (await run(plan())).run;
	expect(first.steps[0]?.state).toBe('failed');
	const again = await retryPlan(session, first.id);
	expect(again.title).toBe(first.plan.title);
	expect(again.steps.map(({ id }) => id)).toEqual(first.plan.steps.map(({ id }) => id));
	expect(again.preconditions.map(({ id }) => id)).toEqual(['docker', 'differs']);
	expect(again.retryOf).toEqual({ run: first.id, title: first.plan.title, step: 'restore-point' });
});

test('a cancelled run goes on at the step that was ended, or at an earlier one that is named', async () => {
	const slow = deployment.plan([step('one', 'echo one'), step('two', 'echo two; sleep 600'), step('three', 'true')]);
	const id = await begin(slow);
	await expect(retryPlan(session, id)).rejects.toMatchObject({
		code: 'refused',
		message: expect.stringContaining('still running'),
	});
	await untilOutput(host, deployment.where, id, 'two\n');
	await cancelRun(host, deployment.where, id, { who });
	const steps = (made: Plan) => made.steps.map((one) => one.id);
	expect(steps(await retryPlan(session, id))).toEqual(['preconditions', 'two', 'three']);
	expect(steps(await retryPlan(session, id, { from: '1' }))).toEqual(['preconditions', 'one', 'two', 'three']);
	expect(steps(await retryPlan(session, id, { from: 'two' }))).toEqual(['preconditions', 'two', 'three']);
	await expect(retryPlan(session, id, { from: 'three' })).rejects.toMatchObject({ code: 'usage' });
	const done = (await run(deployment.plan([step('a', 'true')]))).run;
	await expect(retryPlan(session, done.id)).rejects.toMatchObject({ code: 'refused' });
});
