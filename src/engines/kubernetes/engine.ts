import type { Engine, EngineTerms } from '../../engine/engine.ts';
import type { RolloutUpdate } from '../../engine/rollout.ts';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../../services/host/host.ts';
import { createIdentity } from './deployment.ts';
import { describePod } from './describe.ts';
import { createDesired } from './desired.ts';
import { createPodEvents } from './events.ts';
import { readKept } from './kept.ts';
import { readPodLog } from './logs.ts';
import { mainContainer, workloadName } from './names.ts';
import { nodesOf } from './nodes.ts';
import { createChangedSettings, createWhoChanged, overwrittenIn } from './overwritten.ts';
import { type ClusterPlace, kubectlWords, placeOf } from './place.ts';
import { shownPods, toSummary } from './pods.ts';
import { reachOf } from './reach.ts';
import { failingWorkloads, rolloutsOf } from './rollouts.ts';
import { createSettingsSince } from './settings-since.ts';
import { readSharedLock } from './shared-lock.ts';
import { kubernetesShell } from './shell.ts';
import { shellInPod } from './shell-in.ts';
import { createSnapshotReader, type Snapshot } from './snapshot.ts';
import { createUsage } from './usage.ts';

/** Maximum age of what should run for a caller that does not say, ms. */
const desiredAgeMs = 5000;
/** Maximum age of what is known of a pod whose log is read, ms. */
const logAgeMs = 5000;
/** Maximum age of what is known of nodes, ms. */
const nodesAgeMs = 4000;
/** Maximum age of what is known of one pod, ms: a list has all of each, and the pods of a list are inspected one by one. */
const inspectAgeMs = 1000;

const termsOf = (place: ClusterPlace): EngineTerms => {
	const kubectl = kubectlWords(place);
	const chosen = place.selector === undefined ? '' : ` -l ${place.selector}`;
	const workloads = `${kubectl} get deployments,statefulsets,daemonsets${chosen}`;
	return {
		name: 'Kubernetes',
		asks: {
			instances: (services) =>
				services === undefined
					? `${kubectl} get pods -o wide`
					: `${kubectl} get pods -o wide, of ${services.join(', ')}`,
			desired: () => `${workloads} -o wide; ${kubectl} get pods -o wide`,
			images: (services) => `${kubectl} get pods -o yaml, of ${services.join(', ')}: their imageID`,
			logs: (service) => `${kubectl} logs --all-containers of the pods of ${service}`,
		},
	};
};

/** Kubernetes, by way of kubectl on the host, for the workloads of one namespace or some of them. An instance is a pod. */
export const createKubernetesEngine = (
	host: Host,
	target: Pick<Target, 'project' | 'directory' | 'state' | 'kubernetes'>,
): Engine => {
	const { project } = target;
	const place = placeOf(target);
	const reader = createSnapshotReader(host, place);
	const identify = createIdentity(reader, place, project);
	const desiredIn = createDesired(project, place);
	const { usage, usageOfAll } = createUsage(host, place, reader);
	const whoChanged = createWhoChanged(host, place);
	const changedSettings = createChangedSettings(host, place);
	const withSettingsSince = createSettingsSince(host, place, target);
	let desiredSince = Number.NEGATIVE_INFINITY;
	const podsIn = (snapshot: Snapshot) => shownPods(snapshot, project, reader.clock.now());
	const find = (snapshot: Snapshot, id: string) => podsIn(snapshot).find(({ instance }) => instance.id === id);
	return {
		kind: 'kubernetes',
		project,
		terms: termsOf(place),
		shell: kubernetesShell,
		clock: reader.clock,
		list: async (signal) => podsIn(await reader.read(signal)).map(toSummary),
		inspect: async (id, signal) => find(await reader.recent(inspectAgeMs, signal), id)?.instance,
		describe: async (id, signal) => {
			const shown = find(await reader.read(signal), id);
			return shown && describePod(shown, place);
		},
		// The cluster says of an image no more than its name.
		image: async () => undefined,
		shellIn: (id) => {
			const pod = reader.last()?.pods.find(({ uid }) => uid === id);
			return shellInPod(id, place, host.programs, mainContainer(pod?.spec, pod?.annotations)?.name);
		},
		events: createPodEvents(host, place, reader, project),
		usage,
		usageOfAll,
		logs: async function* (id, options) {
			const pod = (await reader.recent(logAgeMs, options.signal)).pods.find(({ uid }) => uid === id);
			if (pod === undefined) {
				throw new BackoutError('failed', 'cannot read the log: the pod is gone', { host: host.name });
			}
			yield* readPodLog(host, place, pod, options);
		},
		// Each stream is a kubectl of its own, which over SSH takes one of the few sessions.
		streams: () => host.name === 'local',
		desired: async ({ signal, maxAgeMs = desiredAgeMs } = {}) => {
			try {
				const age = Math.min(maxAgeMs, performance.now() - desiredSince);
				return desiredIn(await reader.recent(age, signal));
			} catch (error) {
				signal?.throwIfAborted();
				return { project, unreadable: messageOf(error) };
			}
		},
		forgetDesired: () => {
			desiredSince = performance.now();
		},
		deployment: async (options) => {
			const { workloads: _, ...identity } = await identify(options);
			return identity;
		},
		planChanges: async (question) => {
			// Loaded on demand: most commands plan nothing.
			const { planKubernetes } = await import('./plan.ts');
			return planKubernetes(host, target, await identify({ signal: question.signal }), question);
		},
		readKept: (notes) => readKept(notes, project),
		nodes: async (signal) => {
			const snapshot = await reader.recent(nodesAgeMs, signal);
			if (snapshot.forbidden.includes('nodes')) {
				throw new BackoutError('failed', 'this login may not list the nodes of the cluster', {
					host: host.name,
					next: 'Let it get and list nodes, or leave the monitor nodes out of the runbook.',
				});
			}
			return nodesOf(snapshot);
		},
		rollouts: async (signal, facts = {}) => {
			const snapshot = await reader.read(signal);
			const now = reader.clock.now();
			const rollouts = await withSettingsSince(
				rolloutsOf(snapshot, project, now),
				failingWorkloads(snapshot, project, now),
				snapshot,
			);
			const updates = new Map<string, RolloutUpdate>(await changedSettings(snapshot.workloads, facts, signal));
			for (const workload of overwrittenIn(snapshot.workloads, facts)) {
				updates.set(workload.uid, await whoChanged(workload, signal));
			}
			const uidOf = new Map(snapshot.workloads.map((one) => [workloadName(one, snapshot), one.uid]));
			return rollouts.map((one) => ({ ...one, update: updates.get(uidOf.get(one.service) ?? '') ?? one.update }));
		},
		lockedElsewhere: (signal) => readSharedLock(host, place, target, signal),
		reach: (signal) => reachOf(host, place, signal),
	};
};
