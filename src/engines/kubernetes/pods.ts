import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import { parseMillis } from '../../engine/time.ts';
import { byDigest, hasProbe, mainContainer, markOf, ownerOf, workloadName } from './names.ts';
import { isLost, isTakenOut, isUnready } from './nodes.ts';
import type { RawContainerStatus, RawPod, RawProbe, RawWorkload } from './raw.ts';
import type { Snapshot } from './snapshot.ts';
import { troubleOf } from './trouble.ts';

/** A pod as an instance, with what it was made from. */
export interface ShownPod {
	readonly instance: Instance;
	readonly pod: RawPod;
	readonly workload: RawWorkload;
}

const hasEnded = ({ status }: RawPod): boolean => status.phase === 'Failed' || status.phase === 'Succeeded';

/** True for a pod that its workload wants: not one that is being deleted, nor one that was evicted and has another in its place. */
const isCounted = (pod: RawPod): boolean => pod.deletedAt === '' && !hasEnded(pod);

/** True for a pod of a daemon set on a node that was switched off on purpose. */
const isMissedByNobody = (pod: RawPod, { kind }: RawWorkload, snapshot: Snapshot): boolean =>
	kind === 'DaemonSet' && isTakenOut(pod.spec.nodeName, snapshot);

const readyOf = (pod: RawPod) => (pod.status.conditions ?? []).find(({ type }) => type === 'Ready');

export const isReadyPod = (pod: RawPod): boolean => readyOf(pod)?.status === 'True';

/** Returns the status of a pod's container of this name. */
const statusOfContainer = (pod: RawPod, name: string | undefined): RawContainerStatus | undefined =>
	(pod.status.containerStatuses ?? []).find((status) => status.name === name);

const startOf = (status: RawContainerStatus | undefined): number | undefined =>
	parseMillis(
		status?.state?.running?.startedAt ??
			status?.state?.terminated?.startedAt ??
			status?.lastState?.terminated?.startedAt,
	);

/** Time until a probe has failed so often that it counts, ms. */
const probeMs = ({ initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 }: RawProbe = {}): number =>
	(initialDelaySeconds + periodSeconds * failureThreshold) * 1000;

/** Longest time that a pod of this kind takes to be ready, if all goes well, ms. */
const startMs = (pod: RawPod): number =>
	Math.max(
		0,
		...(pod.spec.containers ?? []).map(
			({ startupProbe, readinessProbe }) =>
				(startupProbe === undefined ? 0 : probeMs(startupProbe)) +
				(readinessProbe === undefined ? 0 : probeMs(readinessProbe)),
		),
	);

/** The health of a running pod by its readiness: `unhealthy` when it was ready and is not any more, or was not in the time that its probes give. */
const healthOf = (pod: RawPod, startedAt: number | undefined, now: number): string | undefined => {
	if (!hasProbe(pod.spec)) {
		return undefined;
	}
	if (isReadyPod(pod)) {
		return 'healthy';
	}
	const since = parseMillis(readyOf(pod)?.lastTransitionTime) ?? 0;
	// A pod that has never been ready has been unready since before its containers started; the times have whole seconds.
	const wasReady = startedAt !== undefined && since > startedAt + 1000;
	return wasReady || (startedAt !== undefined && now - startedAt > startMs(pod)) ? 'unhealthy' : 'starting';
};

const policies: Readonly<Record<string, string>> = { Always: 'always', OnFailure: 'on-failure', Never: 'no' };

const toInstance = (pod: RawPod, workload: RawWorkload, snapshot: Snapshot, project: string, now: number): Instance => {
	const container = mainContainer(pod.spec, pod.annotations);
	const main = statusOfContainer(pod, container?.name);
	const { status, error, exitCode, oomKilled, at } = troubleOf(pod, snapshot);
	const startedAt = startOf(main);
	const health = status === 'running' ? healthOf(pod, startedAt, now) : undefined;
	const failed = health === undefined || health === 'healthy' ? undefined : lastProbe(pod, snapshot);
	return {
		id: pod.uid,
		name: pod.name,
		service: workloadName(workload, snapshot),
		status,
		health,
		probes: failed === undefined ? [] : [failed],
		exitCode: status === 'running' ? undefined : exitCode,
		oomKilled,
		error,
		restarts: (pod.status.containerStatuses ?? []).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
		createdAt: parseMillis(pod.createdAt) ?? 0,
		startedAt,
		finishedAt: status === 'running' || status === 'created' ? undefined : at,
		image: container?.image ?? '',
		imageId: byDigest(main?.imageID ?? '') || (container?.image ?? ''),
		tty: container?.tty === true,
		// The kubelet, or the scheduler, tries again until somebody deletes it.
		...(status !== 'running' && pod.spec.restartPolicy !== 'Never' && { isRetried: true as const }),
		restartPolicy: policies[pod.spec.restartPolicy ?? 'Always'] ?? 'always',
		publishesPorts: (pod.spec.containers ?? []).some(({ ports = [] }) => ports.length > 0),
		project,
		configuration: markOf(pod),
		...(pod.spec.nodeName !== undefined && { node: pod.spec.nodeName }),
	};
};

/** Returns the newest event that a probe of a pod has failed: all that the cluster keeps of probes. */
const lastProbe = (pod: RawPod, { events }: Snapshot): Instance['probes'][number] | undefined => {
	const newest = events
		.filter(({ about, reason }) => about === pod.uid && reason === 'Unhealthy')
		.toSorted((a, b) => (parseMillis(a.at) ?? 0) - (parseMillis(b.at) ?? 0))
		.at(-1);
	return newest && { endedAt: parseMillis(newest.at) ?? 0, exitCode: 1, output: newest.message };
};

const shown = new WeakMap<Snapshot, readonly ShownPod[]>();

/**
 * Returns the pods of a deployment that an operator thinks of: those that should run.
 *
 * @param now ms by the host's clock
 */
export const shownPods = (snapshot: Snapshot, project: string, now: number): readonly ShownPod[] => {
	const known = shown.get(snapshot);
	if (known !== undefined) {
		return known;
	}
	const all = snapshot.pods.filter(isCounted).flatMap((pod) => {
		const workload = ownerOf(pod, snapshot);
		return workload === undefined || isMissedByNobody(pod, workload, snapshot)
			? []
			: [{ instance: toInstance(pod, workload, snapshot, project, now), pod, workload }];
	});
	shown.set(snapshot, all);
	return all;
};

/** Returns the pods of a workload on nodes that are not ready; of lost nodes also those that are to be deleted: only these nodes could do that. */
export const podsOnUnreadyNodes = (workload: RawWorkload, snapshot: Snapshot): readonly RawPod[] =>
	snapshot.pods.filter(
		(pod) =>
			!hasEnded(pod) &&
			isUnready(pod.spec.nodeName, snapshot) &&
			(pod.deletedAt === '' || isLost(pod.spec.nodeName, snapshot)) &&
			ownerOf(pod, snapshot) === workload &&
			!isMissedByNobody(pod, workload, snapshot),
	);

/** Returns the pods of a workload that are not made from what it asks for now, or are being deleted, and may still serve. */
export const earlierPods = (workload: RawWorkload, mark: string | undefined, snapshot: Snapshot): readonly RawPod[] =>
	snapshot.pods.filter(
		(pod) =>
			ownerOf(pod, snapshot) === workload &&
			!hasEnded(pod) &&
			(pod.deletedAt !== '' || (mark !== undefined && markOf(pod) !== mark)) &&
			// Nobody knows what runs on a lost node: its pods stay until it is back, or deleted.
			!isLost(pod.spec.nodeName, snapshot) &&
			!isMissedByNobody(pod, workload, snapshot),
	);

/** Returns the entry of a list for a pod. The words change with its state, so a list leaves no doubt. */
export const toSummary = ({ instance, pod }: ShownPod): InstanceSummary => {
	const { id, name, service, status, health, node, restarts, error } = instance;
	const probed = health === undefined ? '' : ` (${health === 'starting' ? 'health: starting' : health})`;
	const where = node === undefined ? '' : ` on ${node}`;
	const why = error === '' ? '' : `, ${error}`;
	const since = instance.startedAt === undefined ? '' : ` since ${new Date(instance.startedAt).toISOString()}`;
	const phase = (pod.status.phase ?? 'Unknown').toLowerCase();
	return { id, name, service, status, words: `${phase}${since}${where}, restarts ${restarts}${why}${probed}` };
};
