import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { createSwarmEngine } from '../../../src/engines/swarm/engine.ts';
import type { RawService } from '../../../src/engines/swarm/raw.ts';
import { converged } from '../../../src/services/checks/converged.ts';
import { LocalHost } from '../../../src/services/host/local-host.ts';
import { createOtherHosts } from '../../../src/services/host/other-hosts.ts';
import { judgeServices } from '../../../src/services/monitors/expected-containers.ts';
import { judgeNodes } from '../../../src/services/monitors/nodes.ts';
import { nodeOf, openPlayedSwarm, type PlayedSwarm, serviceOf, stamp, taskOf } from './played-swarm.ts';

let swarm: PlayedSwarm;
let host: LocalHost;
let engine: Engine;
beforeEach(async () => {
	swarm = await openPlayedSwarm();
	host = new LocalHost({ env: { ...process.env, DOCKER_HOST: `unix://${swarm.socket}` } });
	engine = createSwarmEngine(host, { project: 'app', directory: '/' });
});
afterEach(async () => {
	await host.close();
	await swarm.close();
});

const failed = (exitCode: number, at: string) => ({
	Timestamp: at,
	State: 'failed',
	Err: `task: non-zero exit (${exitCode})`,
	ContainerStatus: { ContainerID: 'gone', ExitCode: exitCode },
});

/** The one task that is shown, inspected. */
const only = async () => {
	const listed = await engine.list();
	expect(listed).toHaveLength(1);
	return engine.inspect(listed[0]?.id ?? '');
};

describe('a task', () => {
	test('that is tried again counts the tries of the same specification, and says why the last one ended', async () => {
		const web = serviceOf('web');
		const old = taskOf('old', web, {
			Spec: { ContainerSpec: { Image: 'app:0' } },
			CreatedAt: stamp(90_000),
			DesiredState: 'shutdown',
			Status: failed(1, stamp(80_000)),
		});
		const [first, second] = [60_000, 30_000].map((ago) =>
			taskOf(`t${ago}`, web, { CreatedAt: stamp(ago), DesiredState: 'shutdown', Status: failed(3, stamp(ago - 5000)) }),
		);
		const next = taskOf('next', web, { DesiredState: 'ready', Status: { Timestamp: stamp(), State: 'ready' } });
		swarm.services = [web];
		swarm.tasks = [old, first, second, next].filter((task) => task !== undefined);
		const instance = await only();
		expect(instance).toMatchObject({ id: 'next', status: 'restarting', exitCode: 3, error: '', restarts: 2 });
		expect(judgeServices(instance ? [instance] : [], 'app', { main: ['web'] })[0]?.reason).toBe(
			'web is restarting, exit code 3, restarted 2 times',
		);
	});

	test('that ended with its node, or was given up with it, was not tried again', async () => {
		const [web, database, every] = [serviceOf('web'), serviceOf('db'), serviceOf('every', { Mode: { Global: {} } })];
		const lost = { NodeID: 'n1', DesiredState: 'shutdown', CreatedAt: stamp(500_000) };
		const ended = (id: string, of: RawService, exitCode: number) =>
			taskOf(id, of, { ...lost, Status: failed(exitCode, stamp(60_000)) });
		const early = (id: string, of: RawService, ago: number) =>
			taskOf(id, of, {
				...lost,
				CreatedAt: stamp(ago),
				Status: {
					Timestamp: stamp(59_000),
					State: 'rejected',
					Err: 'a network cannot be made when swarm is not active',
				},
			});
		const now = (id: string, of: RawService) => taskOf(id, of, { NodeID: 'n1', CreatedAt: stamp(50_000) });
		swarm.services = [web, database, every];
		// The managers have given up the task of `web` before its node came back and told them of its end.
		swarm.tasks = [ended('w1', web, 137), early('w2', web, 90_000), now('w3', web)];
		// What was gone with the engine ended together.
		swarm.tasks.push(ended('d1', database, 255), now('d2', database));
		swarm.tasks.push(ended('e1', every, 255), early('e2', every, 59_500), now('e3', every));
		swarm.tasks.push(taskOf('e0', every, { ...lost, NodeID: 'n2', Status: failed(255, stamp(400_000)) }));
		swarm.tasks.push(taskOf('e9', every, { NodeID: 'n2', CreatedAt: stamp(390_000) }));
		const found = await Promise.all((await engine.list()).map(({ id }) => engine.inspect(id)));
		expect(found.map((one) => [one?.id, one?.restarts])).toEqual([
			['w3', 0],
			['d2', 0],
			['e3', 0],
			// Nothing else has ended with it on that node.
			['e9', 1],
		]);
	});

	test('that no node can run says why', async () => {
		const web = serviceOf('web');
		swarm.services = [web];
		swarm.tasks = [
			taskOf('a', web, {
				Status: { Timestamp: stamp(), State: 'pending', Err: 'no suitable node (2 nodes not available)' },
			}),
		];
		expect(await only()).toMatchObject({ status: 'created', error: 'no suitable node (2 nodes not available)' });
	});

	test('whose node is not heard of does not run, whatever was last heard of it', async () => {
		const web = serviceOf('web');
		swarm.nodes = [
			nodeOf('n1', 'one'),
			nodeOf('n2', 'two', { Status: { State: 'down', Message: 'heartbeat failure' } }),
		];
		swarm.services = [web];
		swarm.tasks = [taskOf('a', web, { NodeID: 'n2' })];
		expect(await only()).toMatchObject({
			status: 'dead',
			node: 'two',
			error: 'its node two is down: heartbeat failure',
		});
		expect((await engine.rollouts?.())?.[0]).toMatchObject({ desired: 1, current: 0 });
	});

	test('of a place that scaling took away is not shown, whatever became of it', async () => {
		const web = serviceOf('web');
		swarm.services = [web];
		swarm.tasks = [
			taskOf('a', web),
			taskOf('b', web, { Slot: 2, DesiredState: 'shutdown', Status: failed(1, stamp()) }),
		];
		expect(await only()).toMatchObject({ id: 'a', status: 'running' });
	});

	test('is up only when its health check has passed', async () => {
		const web = serviceOf('web', {
			...serviceOf('web').Spec,
			TaskTemplate: { ContainerSpec: { Image: 'app:1', Healthcheck: { Test: ['CMD', 'true'] } } },
		});
		swarm.services = [web];
		swarm.tasks = [taskOf('a', web, { Status: { Timestamp: stamp(), State: 'starting' } })];
		expect(await only()).toMatchObject({ status: 'running', health: 'starting' });
		expect((await engine.rollouts?.())?.[0]).toMatchObject({ current: 0 });
		swarm.tasks = [taskOf('a', web)];
		expect(await only()).toMatchObject({ status: 'running', health: 'healthy' });
	});

	test('on another node has the usage that is read there, if that is a host of the target', async () => {
		const web = serviceOf('web');
		swarm.nodes = [nodeOf('n1', 'one'), nodeOf('n2', 'two'), nodeOf('n3', 'three')];
		swarm.services = [web];
		swarm.tasks = [taskOf('a', web, { NodeID: 'n2' }), taskOf('b', web, { NodeID: 'n3', Slot: 2 })];
		await expect(engine.usage('a', { once: true }).next()).rejects.toThrow(
			'read on its node only, two, and the target names no other node: add it to workers',
		);
		const second = await openPlayedSwarm();
		second.info = { Swarm: { NodeID: 'n2' } };
		const there = new LocalHost({ env: { ...process.env, DOCKER_HOST: `unix://${second.socket}` } });
		const open = (name: string) => (name === 'm2' ? there : new LocalHost({ env: { DOCKER_HOST: 'unix:///nowhere' } }));
		const others = createOtherHosts({ hosts: ['m1', 'm2'], workers: ['m3'] }, open, () => 'm1');
		try {
			const wide = createSwarmEngine(host, { project: 'app', directory: '/' }, undefined, others);
			expect((await wide.usage('a', { once: true }).next()).value).toMatchObject({ memoryBytes: 4096 });
			expect((await wide.describe('a'))?.noUsage).toBeUndefined();
			const why =
				/its node only, three, and it is no host of this target and none of its workers, or one that is not reached \(m3: /;
			await expect(wide.usage('b', { once: true }).next()).rejects.toThrow(why);
			expect((await wide.describe('b'))?.noUsage).toMatch(why);
		} finally {
			await others.close();
			await second.close();
		}
	});
});

describe('what should run', () => {
	test('comes from the services: replicas, the nodes that a global one may use, and jobs', async () => {
		const everywhere = (constraints: string[]): RawService['Spec'] => ({
			TaskTemplate: { Placement: { Constraints: constraints } },
			Mode: { Global: {} },
		});
		const named = (name: string, spec: RawService['Spec']) => serviceOf(name, { Name: `app_${name}`, ...spec });
		swarm.nodes = [
			nodeOf('n1', 'one'),
			nodeOf('n2', 'two', { Spec: { Role: 'worker', Availability: 'active', Labels: { disk: 'ssd' } } }),
			nodeOf('n3', 'three', { Spec: { Role: 'worker', Availability: 'drain' } }),
			nodeOf('n4', 'four', { Spec: { Role: 'worker', Availability: 'active' }, Status: { State: 'down' } }),
		];
		swarm.services = [
			named('all', everywhere([])),
			named('fast', everywhere(['node.labels.disk == ssd'])),
			named('work', everywhere(['node.role!=manager'])),
			named('odd', { ...everywhere(['node.ip == 10.0.0.0/8']) }),
			named('web', { Mode: { Replicated: { Replicas: 3 } } }),
			named('job', { Mode: { ReplicatedJob: { TotalCompletions: 5 } } }),
		].map((service) => ({ ...service, ServiceStatus: { DesiredTasks: 7 } }));
		const { desired } = await engine.desired();
		expect(Object.fromEntries(desired?.services.map(({ name, replicas }) => [name, replicas]) ?? [])).toEqual({
			all: 2,
			fast: 1,
			work: 1,
			// Not known here, so what the engine says counts.
			odd: 7,
			web: 3,
			job: 5,
		});
		expect(desired?.jobs).toEqual(['job']);
		expect((await engine.desired({ maxAgeMs: 0 })).desired).toBe(desired);
	});

	test('is not known where there is no service, no manager or no leader', async () => {
		expect((await engine.desired({ maxAgeMs: 0 })).unreadable).toBe('the swarm has no service of the stack app');
		swarm.refuse(503, "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state.");
		expect((await engine.desired({ maxAgeMs: 0 })).unreadable).toMatch(/no manager of a swarm/);
		swarm.refuse(
			500,
			"rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online.",
		);
		expect((await engine.desired({ maxAgeMs: 0 })).unreadable).toMatch(/have no leader/);
	});
});

describe('the check converged', () => {
	const check = async () => {
		const run = converged.run({ id: 'c', title: 'c', kind: 'converged', except: [] }, { context: { engine } } as never);
		return run(AbortSignal.timeout(10_000));
	};
	const updated = (state: string, message = ''): RawService => ({
		...serviceOf('web', { ...serviceOf('web').Spec, Mode: { Replicated: { Replicas: 2 } } }),
		UpdateStatus: { State: state, Message: message },
	});
	const two = (service: RawService) => [taskOf('a', service), taskOf('b', service, { Slot: 2 })];

	test('passes when all tasks are of the present specification, and since when', async () => {
		const web = updated('completed');
		swarm.services = [web];
		swarm.tasks = two(web);
		const outcome = await check();
		expect(outcome).toMatchObject({ state: 'passed', reason: 'all 1 services run as specified, nothing is under way' });
		expect(Date.now() - (outcome.since ?? 0)).toBeLessThan(60_000);
	});

	test.each([
		['updating', 'web: is being updated', false],
		['paused', 'web: its update is paused (task failed), and goes no further by itself', true],
		['rollback_started', 'web: is being rolled back by the engine', false],
		['rollback_paused', 'web: its rollback by the engine is paused (task failed), and goes no further by itself', true],
		['rollback_completed', 'web: its last update was rolled back by the engine, so it runs what it ran before', true],
	])('fails while an update is %s', async (state, reason, isStuck) => {
		const web = updated(state, 'task failed');
		swarm.services = [web];
		swarm.tasks = two(web);
		const outcome = await check();
		expect(outcome).toMatchObject({ state: 'failed', reason });
		expect(outcome.hopelessSince !== undefined).toBe(isStuck);
	});

	test('fails while tasks are missing, of an earlier specification, or tried again', async () => {
		const web = updated('completed');
		swarm.services = [web];
		const [a, b] = two(web);
		const older = { ...a, Spec: { ContainerSpec: { Image: 'app:0' } } };
		swarm.tasks = [older, b].filter((task) => task !== undefined) as typeof swarm.tasks;
		expect((await check()).reason).toBe('web: 1 of 2 run as specified; web: 1 of an earlier specification still run');
		swarm.tasks = [
			...two(web).slice(0, 1),
			taskOf('r', web, {
				Slot: 2,
				DesiredState: 'ready',
				Status: { Timestamp: stamp(), State: 'rejected', Err: 'No such image: app:1' },
			}),
		];
		expect((await check()).reason).toBe('web.2: No such image: app:1, tried once; web: 1 of 2 run as specified');
	});

	test('waits for a job, whose earlier runs do not count', async () => {
		const job = {
			...serviceOf('job', { Name: 'app_job', Mode: { ReplicatedJob: { TotalCompletions: 1 } } }),
			JobStatus: { JobIteration: { Index: 2 } },
		};
		const done = { DesiredState: 'complete', Status: { Timestamp: stamp(), State: 'complete' } };
		swarm.services = [job];
		swarm.tasks = [taskOf('before', job, { ...done, JobIteration: { Index: 1 } })];
		expect((await check()).reason).toBe('job: 0 of 1 have completed');
		swarm.tasks = [...swarm.tasks, taskOf('now', job, { ...done, JobIteration: { Index: 2 } })];
		expect((await check()).state).toBe('passed');
	});

	test('is unknown, by throwing, where the manager is one no more', async () => {
		swarm.refuse(503, 'This node is not a swarm manager.');
		await expect(check()).rejects.toThrow(/no manager of a swarm/);
	});
});

test('nodes are judged by what can run on them, and by whether the managers can still decide', async () => {
	swarm.nodes = [
		nodeOf('n1', 'one'),
		nodeOf('n2', 'two', { ManagerStatus: { Leader: false, Reachability: 'unreachable' } }),
		nodeOf('n3', 'three'),
		nodeOf('n4', 'four', { Spec: { Role: 'worker', Availability: 'drain' }, ManagerStatus: undefined }),
	];
	const all = (await engine.nodes?.()) ?? [];
	expect(all.map(({ name, role, isLeader, isHere }) => [name, role, isLeader, isHere])).toEqual([
		['one', 'manager', true, true],
		['three', 'manager', false, false],
		['two', 'manager', false, false],
		['four', 'worker', false, false],
	]);
	expect(judgeNodes(all)).toEqual({
		state: 'down',
		reason: 'two is not reached by the other managers (and 1 more); if one more manager goes, nothing can be changed',
	});
	expect(judgeNodes(all.filter(({ name }) => name !== 'two'))).toEqual({ state: 'warn', reason: 'four is drained' });
});

describe('the stack', () => {
	test('is refused by a worker, which says where the managers are', async () => {
		swarm.info = {
			Name: 'two',
			Swarm: {
				NodeID: 'n2',
				LocalNodeState: 'active',
				ControlAvailable: false,
				RemoteManagers: [{ NodeID: 'n1', Addr: '10.0.0.1:2377' }],
			},
		};
		expect((await engine.deployment({ fresh: true })).unknown).toBe(
			'two is a worker of the swarm and no manager; the managers it knows are at 10.0.0.1:2377. Set host of this target to a manager',
		);
	});

	test('is read from a restore point: a service for each specification', () => {
		const services = [
			serviceOf('web', {
				Name: 'app_web',
				TaskTemplate: { ContainerSpec: { Image: 'app:1@sha256:aa' } },
				Mode: { Replicated: { Replicas: 2 } },
			}),
			serviceOf('off', { Name: 'app_off', Mode: { Replicated: { Replicas: 0 } } }),
		];
		const kept = engine.readKept({ noted: JSON.stringify(services), at: 0, environment: { stack: 'app' } });
		expect(kept.instances.map(({ service, number, state, image }) => [service, number, state, image])).toEqual([
			['web', '1', 'running', 'app:1@sha256:aa'],
			['web', '2', 'running', 'app:1@sha256:aa'],
			['off', '1', 'stopped', 'app:1'],
		]);
		expect(kept.environment.from_containers?.split('\n')[0]).toMatch(/^web\|1\|running\|/);
	});
});
