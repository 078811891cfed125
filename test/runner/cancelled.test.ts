import { expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import { cancelAndReport } from '../../src/application/runs/cancelled.ts';
import type { Host } from '../../src/services/host/host.ts';
import { readRun, startRun } from '../helpers/compose-runner.ts';
import { type Deployment, eachDeployment, finish, step, untilOutput, who } from './fixture.ts';

let deployment: Deployment;
let host: Host;

eachDeployment((opened) => {
	({ deployment, host } = opened);
});

const container = (service: string, status: string) => ({ id: service, name: service, service, status, words: '' });

/** A session on this machine, with a Docker that lists these containers, or does not answer. */
const sessionWith = (containers: readonly ReturnType<typeof container>[] | undefined): Session =>
	({
		host,
		target: { ...deployment.where, name: 'test', project: 'app' },
		readOnly: false,
		engine: {
			terms: { name: 'Docker' },
			list: () => (containers === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve(containers)),
		},
	}) as unknown as Session;

const start = (steps: Parameters<Deployment['plan']>[0], more: Parameters<Deployment['plan']>[1] = {}) =>
	startRun(host, { plan: deployment.plan(steps, more), who, reason: '', state: deployment.state, graceSeconds: 1 });

const keep = step('restore-point', 'printf "restore_point\\t%s\\n" "$restore_dir" >>"$run_facts"', {
	title: 'Save a restore point',
});
const hang = (id: string, title: string) => step(id, 'echo here; sleep 1000', { title });

test('says what was interrupted, what is down, and the way back', async () => {
	const { id } = await start([keep, hang('switch', 'Switch'), step('up', 'true'), step('wait', 'true')]);
	await untilOutput(host, deployment.where, id, 'here');
	const session = sessionWith([container('web', 'exited'), container('db', 'running'), container('api', 'created')]);
	const report = await cancelAndReport(session, id);
	expect(report).toMatchObject({
		outcome: 'cancelled',
		interrupted: { number: 2, of: 4, title: 'Switch' },
		down: ['api', 'web'],
		wayBack: `backout undo ${id}`,
	});
	expect(report.lines).toEqual([
		expect.stringMatching(
			/^Run \S+ is cancelled: none of its processes is left on the host(: its control group is empty|, as far as their session, environment and output tell)\.$/,
		),
		'It was interrupted in step 2 of 4, “Switch”. 2 steps were not started.',
		'Down now: api, web.',
		`The state before it was saved; to go back: \`backout undo ${id}\`.`,
	]);
	expect((await readRun(host, deployment.where, id)).cancelledBy?.user).toEqual(expect.any(String));
});

test('offers no undo of a run that cannot be undone', async () => {
	const copies = step(
		'copies',
		'printf "cannot_be_undone\\tit only wrote copies\\n" >>"$run_facts"; echo here; sleep 1000',
	);
	const { id } = await start([keep, copies]);
	await untilOutput(host, deployment.where, id, 'here');
	const report = await cancelAndReport(sessionWith([]), id);
	expect(report.wayBack).toBeUndefined();
	expect(report.lines.at(-1)).toMatch(/^Run \S+ \(.*\) cannot be undone: it only wrote copies\.$/);
});

test('before anything was kept nothing was changed; what cannot be asked is not known', async () => {
	const { id } = await start([hang('preconditions', 'Look'), keep, step('work', 'true')]);
	await untilOutput(host, deployment.where, id, 'here');
	const report = await cancelAndReport(sessionWith(undefined), id);
	expect(report.lines.slice(1)).toEqual([
		'It was interrupted in step 1 of 3, “Look”. 2 steps were not started.',
		'It is unknown which services run now: Docker could not be reached.',
		'It had not changed anything yet: there is nothing to undo.',
	]);
	expect(report.down).toBeUndefined();
	expect(report.wayBack).toBeUndefined();
});

test('a run that has ended is not called cancelled', async () => {
	const { id } = await start([step('look', 'true')], { risk: 'read-only' });
	await finish(host, deployment.where, id);
	const report = await cancelAndReport(sessionWith([container('web', 'running')]), id);
	expect(report.outcome).toBe('already-ended');
	expect(report.lines).toEqual([
		`Run ${id} had ended before: succeeded.`,
		'All services of the project run.',
		'It was read-only: there is nothing to undo.',
	]);
});
