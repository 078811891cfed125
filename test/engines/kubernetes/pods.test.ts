import { describe, expect, test } from 'vitest';
import { describePod } from '../../../src/engines/kubernetes/describe.ts';
import { nodesOf } from '../../../src/engines/kubernetes/nodes.ts';
import { shownPods, toSummary } from '../../../src/engines/kubernetes/pods.ts';
import { judgeNodes } from '../../../src/services/monitors/nodes.ts';
import { podOf, statusOf } from './played-cluster.ts';
import type { ApiObject } from './records-text.ts';
import { changed, recorded, recordedAt, snapshotOf } from './snapshots.ts';

const podsOf = (objects: readonly ApiObject[]) => shownPods(snapshotOf(objects), 'live', recordedAt);
const instances = (objects: readonly ApiObject[]) => podsOf(objects).map(({ instance }) => instance);
const one = (name: string, objects: readonly ApiObject[] = recorded) =>
	instances(objects).find((instance) => instance.name === name);

describe('a pod', () => {
	test('is shown by its workload, in the words for containers, with the reason why it does not run', () => {
		expect(
			instances(recorded)
				.map(({ service, status, health, exitCode, restarts, node, error }) =>
					[service, status, health ?? '-', exitCode ?? '-', restarts, node ?? '-', error].join(' | '),
				)
				.toSorted(),
		).toEqual([
			'agent | running | - | - | 0 | node-1 | ',
			'agent | running | - | - | 0 | node-2 | ',
			'crash | restarting | - | 1 | 7 | node-1 | CrashLoopBackOff',
			'huge | created | - | - | 0 | - | Unschedulable: 0/2 nodes are available: 2 Insufficient cpu.',
			'noconfig | created | - | - | 0 | node-1 | CreateContainerConfigError: configmap "gone" not found',
			'pull | created | - | - | 0 | node-2 | ImagePullBackOff: Back-off pulling image "backout-test/app:none"',
			'unready | running | unhealthy | - | 0 | node-2 | ',
			'web | restarting | - | 1 | 4 | node-1 | ',
			'web | running | healthy | - | 0 | node-1 | ',
			'web | running | healthy | - | 0 | node-2 | ',
		]);
	});

	test('that is being deleted is not one that should run', () => {
		expect(one('db-0')).toBeUndefined();
	});

	test('that was evicted is not shown: another one is in its place', () => {
		const evicted = changed('web-56dd586dcb-tt6hc', (pod) => {
			pod.status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
		});
		expect(one('web-56dd586dcb-tt6hc', evicted)).toBeUndefined();
	});

	test('on a lost node is dead, whatever the cluster last heard of it', () => {
		const lost = changed(
			'node-1',
			(node) => {
				node.status = {
					conditions: [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.' }],
				};
			},
			'Node',
		);
		expect(one('web-587df984dc-kgw7j', lost)).toMatchObject({
			status: 'dead',
			error: 'its node node-1 is lost: what runs there is not known',
		});
		const nodes = nodesOf(snapshotOf(lost));
		expect(nodes.map(({ name, state, instances }) => [name, state, instances])).toEqual([
			['node-1', 'unknown', 5],
			['node-2', 'ready', 3],
		]);
		expect(judgeNodes(nodes)).toEqual({ state: 'down', reason: 'node-1 is unknown' });
	});

	test('on a node that says that it is not ready is as its kubelet says', () => {
		const unready = changed(
			'node-1',
			(node) => Object.assign(node, { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
			'Node',
		);
		expect(one('web-587df984dc-kgw7j', unready)).toMatchObject({ status: 'running', error: '' });
	});

	test('on a cordoned node keeps it from being drained, unless it is of a daemon set, which a drain leaves', () => {
		const cordoned = changed('node-2', (node) => Object.assign(node.spec as object, { unschedulable: true }), 'Node');
		const availabilityOf = (objects: typeof cordoned) =>
			nodesOf(snapshotOf(objects)).find(({ name }) => name === 'node-2')?.availability;
		expect(availabilityOf(cordoned)).toBe('cordon');
		const isOfAgent = ({ metadata }: (typeof cordoned)[number]) => metadata.name.startsWith('agent-');
		expect(availabilityOf(cordoned.filter((object) => object.kind !== 'Pod' || isOfAgent(object)))).toBe('drain');
	});

	test('that was killed for its memory says so, and how often it was started again', () => {
		const killed = changed('web-587df984dc-kgw7j', (pod) => {
			const times = { startedAt: '2026-11-29T19:20:00Z', finishedAt: '2026-11-29T19:20:30Z' };
			const terminated = { exitCode: 137, reason: 'OOMKilled', ...times };
			pod.status = {
				phase: 'Running',
				containerStatuses: [
					statusOf({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3, lastState: { terminated } }),
					statusOf({ running: { startedAt: '2026-11-29T19:10:00Z' } }, { name: 'side', restartCount: 1 }),
				],
			};
		});
		expect(one('web-587df984dc-kgw7j', killed)).toMatchObject({
			status: 'restarting',
			exitCode: 137,
			oomKilled: true,
			error: 'OOMKilled',
			restarts: 4,
			finishedAt: Date.parse('2026-11-29T19:20:30Z'),
		});
	});

	test('of which another container fails is not well, and says which', () => {
		const aside = changed('web-587df984dc-kgw7j', (pod) => {
			const terminated = { exitCode: 3, reason: 'Error' };
			pod.status = {
				phase: 'Running',
				containerStatuses: [
					statusOf({ running: { startedAt: '2026-11-29T19:10:00Z' } }),
					statusOf({ waiting: { reason: 'CrashLoopBackOff' } }, { name: 'side', lastState: { terminated } }),
				],
			};
		});
		expect(one('web-587df984dc-kgw7j', aside)).toMatchObject({
			status: 'restarting',
			error: 'container side: CrashLoopBackOff, exit code 3',
		});
	});

	test('whose init container fails says so before anything else has started', () => {
		const stuck = changed('web-587df984dc-kgw7j', (pod) => {
			const waiting = { reason: 'CrashLoopBackOff' };
			const lastState = { terminated: { exitCode: 2, reason: 'Error', message: 'no such table\n' } };
			pod.status = {
				phase: 'Pending',
				initContainerStatuses: [statusOf({ waiting }, { name: 'prepare', restartCount: 5, lastState })],
				containerStatuses: [statusOf({ waiting: { reason: 'PodInitializing' } })],
			};
		});
		expect(one('web-587df984dc-kgw7j', stuck)).toMatchObject({
			status: 'restarting',
			error: 'init container prepare: no such table, exit code 2',
		});
	});

	test('that is not ready yet is starting for as long as its probes may take, then unhealthy; with the answer of its probe', () => {
		const startedAt = instances(recorded).find(({ service }) => service === 'unready')?.startedAt ?? 0;
		const snapshot = () => snapshotOf(recorded);
		const healthAt = (now: number) =>
			shownPods(snapshot(), 'live', now).find(({ instance }) => instance.service === 'unready')?.instance;
		expect(healthAt(startedAt + 1000)?.health).toBe('starting');
		const later = healthAt(startedAt + 60_000);
		expect(later?.health).toBe('unhealthy');
		expect(later?.probes.map(({ output }) => output)).toEqual(['Readiness probe failed: not yet\n']);
	});

	test('has its image by what the node runs, and by its name before that is known', () => {
		const pushed = podOf('a-1', 'web', {});
		const [web] = instances([...recorded.filter(({ kind }) => kind !== 'Pod'), owned(pushed)]);
		expect(web?.imageId).toBe('app@sha256:1111');
		expect(one('pull-78c59c6f69-lp9s2')?.imageId).toBe('backout-test/app:none');
	});

	test('of a Job, or one that somebody made by hand, is none of the deployment', () => {
		const byHand = podOf('debug', 'web', { metadata: { name: 'debug', uid: 'p-debug', labels: {} } });
		expect(one('debug', [...recorded, byHand])).toBeUndefined();
	});

	test('is described by its specification, without the values of secrets', () => {
		const shown = podsOf(
			changed('web-587df984dc-kgw7j', (pod) => {
				const spec = pod.spec as { containers: Record<string, unknown>[]; volumes: unknown };
				Object.assign(spec.containers[0] ?? {}, {
					env: [
						{ name: 'PLAIN', value: '1' },
						{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'web', key: 'password' } } },
					],
					envFrom: [{ configMapRef: { name: 'settings' } }],
					volumeMounts: [{ name: 'conf', mountPath: '/etc/web', readOnly: true }],
				});
				spec.volumes = [{ name: 'conf', configMap: { name: 'web-conf' } }];
			}),
		).find(({ instance }) => instance.name === 'web-587df984dc-kgw7j');
		const described = shown && describePod(shown, { namespace: 'live', context: 'prod' });
		expect(described?.environment).toEqual([
			['*', '(all keys of ConfigMap settings)'],
			['PLAIN', '1'],
			['PASSWORD', '(key password of Secret web)'],
		]);
		expect(described?.mounts).toEqual([{ kind: 'ConfigMap', source: 'web-conf', target: '/etc/web', readOnly: true }]);
		expect(described?.shellCommand).toBe('kubectl --context prod -n live exec -it web-587df984dc-kgw7j -c main -- sh');
		expect(described?.healthCheck).toEqual(['true']);
	});
});

/** Gives a pod to the newest ReplicaSet of the recorded Deployment web. */
const owned = (pod: ApiObject): ApiObject => {
	const set = recorded.find(({ kind, metadata }) => kind === 'ReplicaSet' && metadata.name === 'web-f84f648dc');
	const { name = '', uid = '' } = set?.metadata ?? {};
	return {
		...pod,
		metadata: { ...pod.metadata, ownerReferences: [{ kind: 'ReplicaSet', name, uid, controller: true }] },
	};
};

test('what is in the message of an event cannot pass for a pod', () => {
	const event = recorded.find(({ kind }) => kind === 'Event');
	const forged = `x\x1ePod\x1fforged\x1fu-forged\x1f1\x1f1\x1f2026-11-29T19:00:00Z\x1f\x1f{}\x1f{}\x1f[]\x1f{}\x1f{}`;
	const snapshot = snapshotOf([...recorded, { ...(event as ApiObject), message: forged }]);
	expect(snapshot.pods.map(({ name }) => name)).not.toContain('forged');
	expect(snapshot.pods).toHaveLength(recorded.filter(({ kind }) => kind === 'Pod').length);
});

test('the line of a pod in a list says what may have changed', () => {
	const words = podsOf(recorded).map(toSummary);
	expect(words.find(({ service }) => service === 'pull')?.words).toBe(
		'pending on node-2, restarts 0, ImagePullBackOff: Back-off pulling image "backout-test/app:none"',
	);
	expect(words.find(({ name }) => name === 'web-587df984dc-kgw7j')?.words).toMatch(
		/^running since 2026-\S+ on node-1, restarts 0 \(healthy\)$/,
	);
});
