import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shownPods } from '../../../src/engines/kubernetes/pods.ts';
import { rolloutsOf } from '../../../src/engines/kubernetes/rollouts.ts';

import { converged } from '../../../src/services/checks/converged.ts';
import { loadRunbook } from '../../../src/services/runbook-file/load-runbook.ts';
import { suggestedBy } from '../../helpers/suggested-by.ts';
import type { ApiObject } from './records-text.ts';
import { changed, recorded, recordedAt, snapshotOf } from './snapshots.ts';

const file = join(import.meta.dirname, '../../../runbooks/kubernetes.yaml');
const text = readFileSync(file, 'utf8');
const own = 'extends: kubernetes\ntitle: Shop\nvariables: { service: web }\n';
const { suggestions } = loadRunbook(own, 'shop.yaml', {
	readRunbook: () => ({ text, file }),
	target: { directory: '/srv/shop', project: 'live' },
});

/** What is suggested by what the check `converged` sees of these objects, without what it says of the ConfigMaps and Secrets. */
const suggested = async (objects: readonly ApiObject[]) => {
	const snapshot = snapshotOf(objects);
	const engine = {
		rollouts: async () => rolloutsOf(snapshot, 'live', recordedAt),
		terms: { asks: { desired: () => '' } },
	};
	const seen = await converged.run(
		{ except: [] } as never,
		{ context: { engine } } as never,
	)(AbortSignal.timeout(20_000));
	const pods = shownPods(snapshot, 'live', recordedAt).map(({ instance }) => ({
		...instance,
		state: instance.health === 'unhealthy' ? ('down' as const) : ('ok' as const),
	}));
	return suggestedBy(suggestions, pods as never, seen as never);
};

const [newest, older] = ['web-f84f648dc-8d6c2', 'web-56dd586dcb-tt6hc'];
const ofWeb = recorded.filter(
	({ kind, metadata: { name } }) => kind === 'Node' || (kind !== 'Event' && name.startsWith('web')),
);

/** A pod runs for two minutes, and is not ready. */
const unready = (pod: string, objects: readonly ApiObject[]) =>
	changed(
		pod,
		({ status }) => {
			const ready = (name: string) => ({
				name,
				restartCount: 0,
				state: { running: { startedAt: '2026-11-29T19:19:00Z' } },
			});
			Object.assign(status as object, {
				phase: 'Running',
				conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-11-29T19:19:00Z' }],
				containerStatuses: [ready('main'), ready('side')],
			});
		},
		'Pod',
		objects,
	);

/** A pod has started a second ago, and its probes have not said anything yet. */
const starting = (pod: string, objects: readonly ApiObject[]) =>
	changed(
		pod,
		({ status }) => {
			const state = { running: { startedAt: '2026-11-29T19:20:59Z' } };
			const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-11-29T19:20:58Z' }];
			Object.assign(status as object, { conditions, containerStatuses: [{ name: 'main', restartCount: 0, state }] });
		},
		'Pod',
		objects,
	);

/** Its controller is busy with it: 1 of 2 pods is new, and the progress deadline is not over. */
const updating = (workload: Record<string, unknown>) => {
	const conditions = [{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }];
	Object.assign(workload.status as object, { conditions, updatedReplicas: 1 });
};
const underWay = changed('web', updating, 'Deployment', ofWeb);

test('a rollout whose new pods do not become ready is suggested to be taken back, and it is said of which pod', async () => {
	const found = await suggested(unready(newest, underWay));
	expect(found?.procedure).toBe('take-back-rollout');
	expect(found?.why).toContain('as its new pods do not become ready');
	expect(found?.why).toContain(`web: its new pod ${newest} runs and is not ready`);
});

test('a rollout whose new pod is on a node that is not ready is not suggested to be taken back for that', async () => {
	const pod = ofWeb.find(({ metadata }) => metadata.name === newest) as {
		readonly spec?: { readonly nodeName?: string };
	};
	const node = (object: Record<string, unknown>) => {
		object.status = { conditions: [{ type: 'Ready', status: 'False' }] };
	};
	expect(await suggested(changed(pod.spec?.nodeName ?? '', node, 'Node', unready(newest, underWay)))).toBeUndefined();
});

test('a fix is not suggested to be taken back while the pods that it replaces are not ready', async () => {
	const objects = starting(newest, unready(older, underWay));
	expect(rolloutsOf(snapshotOf(objects), 'live', recordedAt)[0]?.troubles).toEqual([`${older}: runs and is not ready`]);
	expect(await suggested(objects)).toBeUndefined();
});

test('what is not ready is not suggested to be taken back because of another workload that is being updated', async () => {
	// All pods of web are of its newest revision, and another one is being updated.
	const other = recorded
		.filter(({ kind, metadata: { name } }) => kind === 'Deployment' && name === 'crash')
		.map((object) => ({ ...object, metadata: { ...object.metadata, annotations: {} } }) as ApiObject);
	const alone = ofWeb.filter(({ kind, metadata: { name } }) => kind !== 'Pod' || name === newest);
	const done = changed(
		'web',
		(workload) => {
			updating(workload);
			Object.assign(workload.status as object, { updatedReplicas: 2 });
		},
		'Deployment',
		[...changed('crash', updating, 'Deployment', other), ...alone],
	);
	const objects = changed(
		'crash',
		(workload) => Object.assign(workload.status as object, { updatedReplicas: 0 }),
		'Deployment',
		unready(newest, done),
	);
	const lines = rolloutsOf(snapshotOf(objects), 'live', recordedAt);
	expect(lines.map(({ service, update }) => [service, update?.state])).toEqual([
		['crash', 'updating'],
		['web', 'completed'],
	]);
	expect(await suggested(objects)).toBeUndefined();
});
