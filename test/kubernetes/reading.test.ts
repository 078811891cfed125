import { describe, expect } from 'vitest';
import type { InstanceEvent } from '../../src/engine/instance.ts';
import { logLines } from '../../src/services/logs/log-lines.ts';
import { image } from '../nodes/images.ts';
import { openEngine } from './harness/engine.ts';
import { kubernetesTest as test, withoutCluster } from './harness/index.ts';

const long = { tags: ['long'] };

describe.skipIf(withoutCluster !== undefined)('what is read of a cluster', () => {
	test('is what kubectl says: pods, nodes, images, rollouts, and what should run', async ({
		cluster,
		openDeployment,
	}) => {
		const deployment = await openDeployment();
		await deployment.apply();
		await deployment.runs('web', [image('1'), image('1')]);
		await deployment.runs('database', [image('1')]);
		await deployment.runs('agent', [image('1'), image('1')]);
		await using opened = openEngine(cluster, deployment);
		const { engine } = opened;
		const pods = await deployment.pods();
		const listed = await engine.list();
		expect(listed.map(({ name, service, status }) => [name, service, status]).toSorted()).toEqual(
			pods.map(({ name, workload }) => [name, workload, 'running']).toSorted(),
		);
		const inspected = await Promise.all(listed.map(({ id }) => engine.inspect(id)));
		for (const { name, node, restarts } of pods) {
			expect(inspected.find((instance) => instance?.name === name)).toMatchObject({ node, error: '', restarts });
		}
		expect(inspected.every((instance) => /^sha256:[0-9a-f]{64}$/.test(instance?.imageId ?? ''))).toBe(true);
		expect((await engine.nodes?.())?.map(({ name, state, role }) => [name, state, role])).toEqual([
			['node-1', 'ready', 'worker'],
			['node-2', 'ready', 'worker'],
		]);
		const rollouts = await engine.rollouts?.();
		expect(rollouts?.map(({ service, desired, current, earlier }) => [service, desired, current, earlier])).toEqual([
			['agent', 2, 2, 0],
			['database', 1, 1, 0],
			['web', 2, 2, 0],
		]);
		expect((await engine.desired()).desired?.services.map(({ name, replicas }) => [name, replicas])).toEqual([
			['agent', 2],
			['database', 1],
			['web', 2],
		]);
	});

	test(
		'is told when it happens: a pod that is deleted, and the one in its place',
		long,
		async ({ cluster, openDeployment }) => {
			const deployment = await openDeployment();
			await deployment.apply();
			await deployment.runs('web', [image('1'), image('1')]);
			await using opened = openEngine(cluster, deployment);
			const { engine } = opened;
			const over = new AbortController();
			const listening = Promise.withResolvers<void>();
			const told: InstanceEvent[] = [];
			const reading = (async () => {
				for await (const event of engine.events({ signal: over.signal, onOpen: listening.resolve })) {
					told.push(event);
				}
			})().catch(() => {});
			await listening.promise;
			const [first] = (await engine.list()).filter(({ service }) => service === 'web');
			await deployment.kubectl('delete', 'pod', first?.name ?? '', '--wait=false');
			const actionsOf = (isOld: boolean) =>
				told.filter(({ id }) => (id === first?.id) === isOld).map(({ action }) => action);
			await expect.poll(() => actionsOf(true), { timeout: 30_000 }).toEqual(['kill', 'die', 'destroy']);
			await expect.poll(() => actionsOf(false), { timeout: 30_000 }).toContain('health_status');
			expect(actionsOf(false).slice(0, 2)).toEqual(['create', 'start']);
			over.abort(new Error('the test is over'));
			await reading;
		},
	);

	test('is the log of a pod while it is written, until the pod ends', long, async ({ cluster, openDeployment }) => {
		const deployment = await openDeployment();
		await deployment.apply();
		await deployment.runs('web', [image('1'), image('1')]);
		await using opened = openEngine(cluster, deployment);
		const { engine } = opened;
		const [web] = (await engine.list()).filter(({ service }) => service === 'web');
		const lines: string[] = [];
		const say = (text: string) =>
			deployment.kubectl('exec', web?.name ?? '', '--', 'sh', '-c', `echo ${text} >/proc/1/fd/1`);
		for await (const { text } of logLines(
			engine,
			{ id: web?.id ?? '', tty: false },
			{ follow: true, signal: AbortSignal.timeout(60_000) },
		)) {
			lines.push(text);
			if (lines.length === 1) {
				await say('more');
			} else if (text === 'more') {
				await deployment.kubectl('delete', 'pod', web?.name ?? '', '--wait=false');
			}
		}
		expect(lines).toContain('more');
	});

	test('is no more than a login may read, and doctor says what that is', long, async ({ openDeployment, openFor }) => {
		const deployment = await openDeployment();
		await deployment.apply();
		await deployment.runs('web', [image('1'), image('1')]);
		const place = openFor(deployment, { token: 'ana-token' });
		const blind = await place.backout('status');
		expect(blind.text).toMatch(/containers \(unknown: .*this login may not list deployments, .*pods\)/);
		expect(blind.text).toMatch(/check Converged: unknown/);
		const reads = 'get,list,watch';
		const kinds = 'deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,controllerrevisions.apps,pods';
		await deployment.kubectl('create', 'role', 'look', `--verb=${reads}`, `--resource=${kinds}`);
		await deployment.kubectl('create', 'rolebinding', 'look', '--role=look', '--user=ana');
		const seeing = await place.backout('status');
		expect(seeing.text).toMatch(/web +healthy/);
		expect(seeing.text).toMatch(/check Converged: passed/);
		const { text } = await place.backout('doctor');
		expect(text).toMatch(
			/Rights to change: failed: .*as this login may not patch deployments, statefulsets and daemonsets/,
		);
		expect(text).toMatch(/Rights to nodes: warning: .*may not list nodes/);
		expect(text).not.toMatch(/Rights to read/);
		const plan = await place.backout('plan', 'rollback-revision');
		expect(plan.code, plan.text).not.toBe(0);
	});
});
