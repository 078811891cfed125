import { describe, expect, test } from 'vitest';
import { createDesired } from '../../../src/engines/kubernetes/desired.ts';
import { revisionOf } from '../../../src/engines/kubernetes/names.ts';
import { shownPods } from '../../../src/engines/kubernetes/pods.ts';
import { rolloutsOf } from '../../../src/engines/kubernetes/rollouts.ts';
import type { ApiObject } from './records-text.ts';
import { changed, recorded, recordedAt, snapshotOf } from './snapshots.ts';

const rolloutOf = (service: string, objects: readonly ApiObject[] = recorded) =>
	rolloutsOf(snapshotOf(objects), 'live', recordedAt).find((rollout) => rollout.service === service);

const withStatus = (name: string, kind: string, status: object, spec: object = {}) =>
	changed(
		name,
		(workload) => {
			Object.assign(workload.status as object, status);
			Object.assign(workload.spec as object, spec);
		},
		kind,
	);

describe('a rollout', () => {
	test('that gets nowhere says how many pods are new, how many old, and what the controller says', () => {
		expect(rolloutOf('web')).toMatchObject({
			desired: 2,
			current: 0,
			earlier: 2,
			update: { state: 'stalled', message: 'no progress within 30 s' },
			restarting: ['web-f84f648dc-8d6c2: exit code 1, restarted 4 times'],
		});
	});

	test('that is complete has only pods of the present revision', () => {
		expect(rolloutOf('agent')).toMatchObject({
			desired: 2,
			current: 2,
			earlier: 0,
			restarting: [],
			update: { state: 'completed' },
		});
	});

	test('is not complete while a pod is being deleted: it may still serve', () => {
		expect(rolloutOf('db')).toMatchObject({ desired: 1, current: 0, earlier: 1 });
	});

	test('says nothing of a specification that its controller has not seen: none of its pods counts', () => {
		const unseen = changed(
			'agent',
			({ metadata }) => Object.assign(metadata as object, { generation: 9 }),
			'DaemonSet',
		);
		expect(rolloutOf('agent', unseen)).toMatchObject({ current: 0, update: { state: 'updating' } });
	});

	test('that is paused is said to be, also when all pods run', () => {
		const paused = withStatus('web', 'Deployment', {}, { paused: true });
		expect(rolloutOf('web', paused)?.update).toEqual({ state: 'paused', message: 'the Deployment is paused' });
	});

	test('of which no pod can be created says why', () => {
		const condition = { type: 'ReplicaFailure', status: 'True', message: 'pods "web" is forbidden: exceeded quota' };
		expect(rolloutOf('web', withStatus('web', 'Deployment', { conditions: [condition] }))?.update).toEqual({
			state: 'stalled',
			message: 'pods "web" is forbidden: exceeded quota',
		});
	});

	test('of a set that waits for a person says for what', () => {
		const updating = { updatedReplicas: 0, updatedNumberScheduled: 0, updateRevision: 'db-new' };
		const onDelete = { updateStrategy: { type: 'OnDelete' } };
		expect(rolloutOf('agent', withStatus('agent', 'DaemonSet', updating, onDelete))?.update?.message).toMatch(
			/^OnDelete: a pod is replaced only when somebody deletes it$/,
		);
		const partition = { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
		expect(rolloutOf('db', withStatus('db', 'StatefulSet', updating, partition))?.update).toEqual({
			state: 'paused',
			message: 'a partition keeps some pods at the revision before',
		});
	});

	describe('of a daemon set, of which a node is lost', () => {
		/** What the API server says then: it asks for no pod on that node any more. */
		const lost = (spec: object = {}, ready = 'Unknown') =>
			changed(
				'node-2',
				(node) => {
					node.status = { conditions: [{ type: 'Ready', status: ready }] };
					node.spec = spec;
				},
				'Node',
				withStatus('agent', 'DaemonSet', {
					desiredNumberScheduled: 1,
					currentNumberScheduled: 1,
					updatedNumberScheduled: 1,
					numberMisscheduled: 1,
				}),
			);

		test('misses the pod there, and names the node', () => {
			expect(rolloutOf('agent', lost())).toMatchObject({
				desired: 2,
				current: 1,
				earlier: 0,
				troubles: ['agent: 1 of its pods is on node-2, which is lost: what runs there is not known'],
				update: { state: 'completed' },
			});
			const snapshot = snapshotOf(lost());
			const { desired } = createDesired('live', { namespace: 'live' })(snapshot);
			expect(desired?.services.find(({ name }) => name === 'agent')?.replicas).toBe(2);
		});

		test('misses the pod there as well where the node says that it is not ready, and does not call it lost', () => {
			expect(rolloutOf('agent', lost({}, 'False'))).toMatchObject({
				desired: 2,
				current: 1,
				troubles: ['agent: 1 of its pods is on node-2, which is not ready'],
			});
		});

		test('misses nothing where the node was cordoned before: it went by plan', () => {
			const objects = lost({ unschedulable: true });
			expect(rolloutOf('agent', objects)).toMatchObject({ desired: 1, current: 1, troubles: [] });
			const shown = shownPods(snapshotOf(objects), 'live', recordedAt).filter(
				({ workload }) => workload.name === 'agent',
			);
			expect(shown.map(({ instance }) => instance.status)).toEqual(['running']);
		});
	});

	test('is not complete while a pod is being deleted on a node that is not ready, and is heard: it may still serve', () => {
		const ready = (status: string) =>
			changed('node-1', (node) => Object.assign(node, { status: { conditions: [{ type: 'Ready', status }] } }), 'Node');
		expect(rolloutOf('db', ready('False'))).toMatchObject({ current: 0, earlier: 1, troubles: [] });
		expect(rolloutOf('db', ready('Unknown'))).toMatchObject({ current: 0, earlier: 0 });
	});

	test('that waits for a pod says why it does not start, and what to do where a surge finds no room', () => {
		expect(rolloutOf('huge')?.troubles).toEqual([
			expect.stringMatching(/^huge-\S+: Unschedulable: 0\/2 nodes are available: \S+ Insufficient/),
		]);
		const noRoom = changed('web-f84f648dc-8d6c2', (pod) => {
			const condition = {
				type: 'PodScheduled',
				status: 'False',
				reason: 'Unschedulable',
				message: '0/2 nodes are available',
			};
			pod.status = { phase: 'Pending', conditions: [condition] };
		});
		expect(rolloutOf('web', noRoom)?.troubles).toEqual([
			'web-f84f648dc-8d6c2: Unschedulable: 0/2 nodes are available; its strategy makes a new pod before it ends an old one (maxSurge), and no node has room for that: make room, or raise maxUnavailable',
		]);
	});

	test('whose pod runs and is not ready says what its probe said last', () => {
		expect(rolloutOf('unready')?.troubles).toEqual([
			expect.stringMatching(/^unready-\S+: runs and is not ready \(Readiness probe failed: not yet\)$/),
		]);
	});

	test('is as old as the last thing that happened to it', () => {
		expect(rolloutOf('agent')?.since).toBe(Date.parse('2026-11-29T19:09:51Z'));
	});
});

test('the revision is that of the newest ReplicaSet or ControllerRevision', () => {
	const snapshot = snapshotOf(recorded);
	const numbers = snapshot.workloads.map((workload) => [workload.name, revisionOf(workload, snapshot)]);
	expect(Object.fromEntries(numbers)).toMatchObject({ web: 4, agent: 1, db: 1 });
});

test('what should run is what the workloads ask for; the same answer is the same object', () => {
	const desiredIn = createDesired('live', { namespace: 'live' });
	const { desired } = desiredIn(snapshotOf(recorded));
	expect(desired?.services.map(({ name, replicas, healthcheck }) => `${name} ${replicas} ${healthcheck}`)).toEqual([
		'agent 2 disabled',
		'crash 1 disabled',
		'db 1 disabled',
		'huge 1 disabled',
		'noconfig 1 disabled',
		'pull 1 disabled',
		'unready 1 given',
		'web 2 given',
	]);
	expect(desired?.main).toBe('web');
	expect(desiredIn(snapshotOf(recorded)).desired).toBe(desired);
	expect(createDesired('x/app=y', { namespace: 'x', selector: 'app=y' })(snapshotOf([])).unreadable).toBe(
		'the namespace x has no workload with the labels app=y',
	);
});

test('two workloads of one name are told apart by their kinds, and others keep theirs', () => {
	const twin = recorded.map((object) =>
		object.kind === 'StatefulSet' ? { ...object, metadata: { ...object.metadata, name: 'web' } } : object,
	);
	expect(rolloutsOf(snapshotOf(twin), 'live', recordedAt).map(({ service }) => service)).toEqual([
		'agent',
		'crash',
		'deployment/web',
		'huge',
		'noconfig',
		'pull',
		'statefulset/web',
		'unready',
	]);
});
