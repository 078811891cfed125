import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EngineShell } from '../../../src/engine/shell.ts';
import { guardEndOf } from '../../../src/runbook/guard-run.ts';
import type { Plan } from '../../../src/runbook/plan.ts';
import type { Host } from '../../../src/services/host/host.ts';
import { lockHolder } from '../../../src/services/runner/client/lock.ts';
import { guardSteps } from '../../../src/services/runner/guard/guard-steps.ts';
import { cancelRun, startRun } from '../../../src/services/runner/runner.ts';
import { memoryShell } from '../../helpers/memory-engine.ts';
import { type Deployment, eachDeployment, finish, step, untilOutput, who } from '../fixture.ts';
import { describeShells, hostWithShell } from '../shells.ts';

/** An engine whose containers are the lines of a file in the deployment's folder. */
const shell: EngineShell = { ...memoryShell, watched: 'list_watched() { cat "$directory/instances"; }' };

const long = 'created	2026-11-29T08:00:00	-	-	-';
const instance = (status: string, id = 'a1', code = 0) =>
	`web\tapp-web-1\t${id}\t${status}\t-\t${code}\t0\talways\t${long.replace('created', '2026-11-29T07:00:00')}\n`;

describeShells('a guard on the host, in %s', (name) => {
	const short = name === 'dash' ? {} : { tags: 'long' };
	let deployment: Deployment;
	let host: Host;
	eachDeployment(
		(opened) => {
			({ deployment, host } = opened);
			deployment.write('instances', instance('running'));
			deployment.write('well', '');
		},
		(opened) => hostWithShell(name, opened),
	);
	const at = (file: string) => join(deployment.directory, file);

	const plan = (more: Readonly<Record<string, string>> = {}, forSeconds = 30): Plan => {
		const { watch, prove } = guardSteps(shell, {
			title: 'Watch',
			summary: '',
			watchTimeoutSeconds: 120,
			proveSeconds: 20,
			roundSeconds: 10,
		});
		return deployment.plan(
			[
				watch,
				step('back', 'flock -n "$state_dir/lock" true || echo "the lock is held"; touch well; echo x >>rolled-back'),
				prove,
			],
			{
				environment: {
					guard_checks: ['1\task_containers\t1\t1\t0\tContainers', '2\task_script\t0\t0\t0\tUsers are served'].join(
						'\n',
					),
					guard_1_services: 'web\t1\tserves',
					guard_1_services_after: 'web\t1\tserves',
					guard_2_script: '[ -e well ] || { echo "users see errors"; exit 1; }',
					guard_2_seconds: '5',
					guard_target: 'commits\taaaa',
					guard_for: String(forSeconds),
					guard_grace: '0',
					guard_interval: '1',
					guard_lasting: '2',
					guard_settle: '2',
					...more,
				},
				guard: {
					procedure: 'Roll back',
					forSeconds,
					graceSeconds: 0,
					intervalSeconds: 1,
					lastingSeconds: 2,
					checks: ['containers', 'users'],
					notAsked: [],
				},
			},
		);
	};
	const start = async (made: Plan): Promise<string> => {
		const { id } = await startRun(host, { plan: made, shell, who, reason: 'guard', state: deployment.state });
		return id;
	};
	const end = async (id: string) => {
		const { run, output } = await finish(host, deployment.where, id);
		return { run, output, guard: guardEndOf(run) };
	};

	test('runs the rollback once, under the lock, when a check fails for long enough', short, async () => {
		const id = await start(plan());
		await untilOutput(host, deployment.where, id, 'all checks of the host pass');
		expect(await lockHolder(host, deployment.where)).toBeUndefined();
		rmSync(at('well'));
		const { run, output, guard } = await end(id);
		expect(guard?.end, output).toBe('acts');
		expect(guard?.reason).toMatch(/^failed for \d+ s: Users are served: users see errors/);
		expect(run.state, output).toBe('succeeded');
		expect(output).toContain('the lock is held');
		expect(readFileSync(at('rolled-back'), 'utf8')).toBe('x\n');
		expect(run.facts.guard_after).toBe('passed');
		expect(existsSync(join(deployment.state, 'owner'))).toBe(false);
	});

	test('ends well when the time is up, and runs no other step', { tags: 'long' }, async () => {
		const { run, output, guard } = await end(await start(plan({}, 4)));
		expect(guard?.end, output).toBe('well');
		expect(run.state).toBe('succeeded');
		expect(run.steps.map(({ state }) => state)).toEqual(['succeeded', 'skipped', 'skipped']);
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('does not act on a script that failed from the beginning', { tags: 'long' }, async () => {
		rmSync(at('well'));
		const { output, guard } = await end(await start(plan({}, 3)));
		expect(guard?.end, output).toBe('unknown');
		expect(output).toContain('already failed when the guard began');
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('does not act on a container that was down before the deployment', { tags: 'long' }, async () => {
		const side = `side\tapp-side-1\tc3\texited\t-\t1\t0\tno\t2026-11-28T07:00:00\t2026-11-28T07:00:01\t2026-11-28T08:00:00\t-\t-\n`;
		deployment.write('instances', `${instance('running')}${side}`);
		const more = { guard_1_services: 'web\t1\tserves\nside\t1\tserves' };
		const { output, guard } = await end(await start(plan(more, 3)));
		expect(guard?.end, output).toBe('unknown');
		expect(output).toMatch(/already failed when the guard began.*side is exited/);
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('stands down while somebody has the lock, and for who took it meanwhile', short, async () => {
		const id = await start(plan());
		await untilOutput(host, deployment.where, id, 'all checks of the host pass');
		const other = deployment.plan([step('hold', 'while [ ! -e go ]; do sleep 0.1; done')]);
		const operator = await startRun(host, { plan: other, shell, who, reason: 'by hand', state: deployment.state });
		const { run, output, guard } = await end(id);
		writeFileSync(at('go'), '');
		await finish(host, deployment.where, operator.id);
		expect(guard?.end, output).toBe('stood-down');
		expect(guard?.reason).toContain(`run ${operator.id}`);
		expect(run.state).toBe('cancelled');
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('does not act when the lock is taken at the last moment', short, async () => {
		const other = deployment.plan([step('hold', 'while [ ! -e go ]; do sleep 0.1; done')]);
		const operator = await startRun(host, { plan: other, shell, who, reason: 'by hand', state: deployment.state });
		const [, ...steps] = plan().steps;
		const acts = step('watch', 'fact guard acts; exit 10', { mayFail: true });
		const { run, output, guard } = await end(await start({ ...plan(), steps: [acts, ...steps] }));
		writeFileSync(at('go'), '');
		await finish(host, deployment.where, operator.id);
		expect(guard, output).toEqual({ end: 'stood-down', reason: `somebody else has the lock: run ${operator.id}` });
		expect(run).toMatchObject({ state: 'cancelled', exitCode: 4 });
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('does not act after one that has just acted', { tags: 'long' }, async () => {
		const ids = [await start(plan()), await start(plan())];
		for (const id of ids) {
			await untilOutput(host, deployment.where, id, 'all checks of the host pass');
		}
		rmSync(at('well'));
		const ends = await Promise.all(ids.map(end));
		const ended = ends.map(({ guard }) => guard?.end).toSorted();
		expect(ended, ends.map(({ output }) => output).join('\n')).toEqual(['acts', 'stood-down']);
		expect(readFileSync(at('rolled-back'), 'utf8')).toBe('x\n');
	});

	test('stands down when another version is deployed', { tags: 'long' }, async () => {
		const id = await start(plan());
		await untilOutput(host, deployment.where, id, 'all checks of the host pass');
		deployment.write('instances', instance('running', 'b2'));
		const { output, guard } = await end(id);
		expect(guard, output).toEqual({ end: 'stood-down', reason: 'something else was deployed meanwhile' });
	});

	test('does not roll back to a version that has failed verification meanwhile', { tags: 'long' }, async () => {
		const id = await start(plan());
		await untilOutput(host, deployment.where, id, 'all checks of the host pass');
		writeFileSync(join(deployment.state, 'commits'), 'aaaa good 1 x\naaaa bad 2 y\n');
		rmSync(at('well'));
		const { output, guard } = await end(id);
		expect(guard?.end, output).toBe('stood-down');
		expect(guard?.reason).toContain('verification has failed meanwhile on the version to roll back to');
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('does not roll back to a version that is blocked meanwhile', { tags: 'long' }, async () => {
		const id = await start(plan({ guard_commit: 'aaaa' }));
		await untilOutput(host, deployment.where, id, 'all checks of the host pass');
		const [now, later] = [0, 3600].map((more) => Math.floor(Date.now() / 1000) + more);
		const block = ['block', '20260101T000000Z-aaaaaa', now, later, 'ana@desk', 'aaaa', '-', 'orders fail'].join('\t');
		writeFileSync(join(deployment.state, 'blocks'), `${block}\n`);
		rmSync(at('well'));
		const { output, guard } = await end(id);
		expect(guard?.end, output).toBe('stood-down');
		expect(guard?.reason).toMatch(/the version to roll back to is blocked: commit aaaa .*orders fail/);
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('is ended by a cancel, and has changed nothing', { tags: 'long' }, async () => {
		const id = await start(plan());
		await untilOutput(host, deployment.where, id, 'all checks of the host pass');
		await cancelRun(host, deployment.where, id, { who });
		const { run } = await end(id);
		expect(run.state).toBe('cancelled');
		expect(existsSync(at('rolled-back'))).toBe(false);
	});

	test('knows nothing while the engine does not answer', { tags: 'long' }, async () => {
		rmSync(at('instances'));
		rmSync(at('well'));
		const { output, guard } = await end(await start(plan({}, 3)));
		expect(guard?.end, output).toBe('unknown');
		expect(output).toContain('the engine does not answer');
	});
});
