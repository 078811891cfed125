import type { RolloutUpdate, ServiceRollout } from '../../engine/rollout.ts';
import { parseMillis } from '../../engine/time.ts';
import { markOf, markOfNow, workloadName } from './names.ts';
import { isLost, isUnready } from './nodes.ts';
import { earlierPods, isReadyPod, podsOnUnreadyNodes, type ShownPod, shownPods } from './pods.ts';
import type { RawWorkload } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Returns the number of pods that a workload should have. For a daemon set the cluster counts no node that is not ready; its pods there are missing
 * all the same, unless the node was taken out on purpose.
 */
export const wantedPods = (workload: RawWorkload, snapshot: Snapshot): number => {
	const { kind, spec, status } = workload;
	if (kind !== 'DaemonSet') {
		return spec.replicas ?? 1;
	}
	const unready = podsOnUnreadyNodes(workload, snapshot).length;
	return (status.desiredNumberScheduled ?? 0) + Math.min(status.numberMisscheduled ?? 0, unready);
};

const conditionOf = ({ status }: RawWorkload, type: string) =>
	(status.conditions ?? []).find((condition) => condition.type === type);

const updatedOf = ({ kind, status }: RawWorkload): number =>
	(kind === 'DaemonSet' ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0;

/** Returns the number of pods that are to be of the present specification: a partition of a StatefulSet keeps the others. */
const toUpdate = (workload: RawWorkload, snapshot: Snapshot): number =>
	Math.max(0, wantedPods(workload, snapshot) - (workload.spec.updateStrategy?.rollingUpdate?.partition ?? 0));

/** Says how far the controller is with a workload's last change. */
const updateOf = (workload: RawWorkload, snapshot: Snapshot): RolloutUpdate => {
	const { spec, status, generation } = workload;
	if ((status.observedGeneration ?? 0) < generation) {
		return { state: 'updating', message: 'its controller has not seen the last change yet' };
	}
	if (spec.paused === true) {
		return { state: 'paused', message: 'the Deployment is paused' };
	}
	const failure = conditionOf(workload, 'ReplicaFailure');
	if (failure?.status === 'True') {
		return { state: 'stalled', message: failure.message ?? 'no pod can be created' };
	}
	const progress = conditionOf(workload, 'Progressing');
	if (progress?.reason === 'ProgressDeadlineExceeded') {
		return { state: 'stalled', message: `no progress within ${spec.progressDeadlineSeconds ?? 600} s` };
	}
	const unready = workload.kind === 'DaemonSet' ? podsOnUnreadyNodes(workload, snapshot).length : 0;
	// Nothing is done about pods of nodes that are not ready before these are back.
	if (updatedOf(workload) + unready >= toUpdate(workload, snapshot)) {
		const isPart =
			(spec.updateStrategy?.rollingUpdate?.partition ?? 0) > 0 && status.currentRevision !== status.updateRevision;
		return isPart
			? { state: 'paused', message: 'a partition keeps some pods at the revision before' }
			: { state: 'completed', message: '' };
	}
	return spec.updateStrategy?.type === 'OnDelete'
		? { state: 'paused', message: 'OnDelete: a pod is replaced only when somebody deletes it' }
		: { state: 'updating', message: '' };
};

const tried = ({ instance: { name, error, exitCode, restarts } }: ShownPod): string => {
	const why = [error, ...(exitCode === undefined ? [] : [`exit code ${exitCode}`])].filter((text) => text !== '');
	return `${name}: ${why.join(', ') || 'not up yet'}, restarted ${restarts === 1 ? 'once' : `${restarts} times`}`;
};

/** Returns the events about a workload, or its ReplicaSets, that say that no pod can be created; where no condition says it. */
const failedCreates = (workload: RawWorkload, { events }: Snapshot): readonly string[] => {
	const newest = events
		.filter(({ about, reason, type }) => about === workload.uid && type === 'Warning' && reason === 'FailedCreate')
		.toSorted((a, b) => (parseMillis(a.at) ?? 0) - (parseMillis(b.at) ?? 0))
		.at(-1);
	return newest === undefined ? [] : [`${workload.name}: ${newest.message}`];
};

/** Says on which nodes that are not ready pods of a workload are. */
const onUnready = (workload: RawWorkload, name: string, snapshot: Snapshot): readonly string[] => {
	const pods = podsOnUnreadyNodes(workload, snapshot);
	return [...new Set(pods.map(({ spec }) => spec.nodeName))].map((node) => {
		const count = pods.filter(({ spec }) => spec.nodeName === node).length;
		const how = isLost(node, snapshot) ? 'lost: what runs there is not known' : 'not ready';
		return `${name}: ${count} of its pods ${count === 1 ? 'is' : 'are'} on ${node}, which is ${how}`;
	});
};

/** Says why a pod does not start, of the first that does not. A surge may find no room: the old pods would make way only afterwards. */
const notStarted = (workload: RawWorkload, mine: readonly ShownPod[], earlier: number): readonly string[] => {
	const waiting = mine.filter(({ instance: { status, error } }) => status === 'created' && error !== '');
	const [first] = waiting;
	if (first === undefined) {
		return [];
	}
	const { name, error } = first.instance;
	const more = waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : '';
	const isSurge = workload.kind === 'Deployment' && earlier > 0 && error.startsWith('Unschedulable');
	const hint = isSurge
		? '; its strategy makes a new pod before it ends an old one (maxSurge), and no node has room for that: make room, or raise maxUnavailable'
		: '';
	return [`${name}: ${error}${more}${hint}`];
};

/** Returns a function that tells the pods of a rollout that is under way, of the newest revision while others still run, from all others. */
const newPodsOf = (workload: RawWorkload, snapshot: Snapshot): ((one: ShownPod) => boolean) => {
	const mark = markOfNow(workload, snapshot);
	const isUnderWay =
		updateOf(workload, snapshot).state !== 'paused' &&
		earlierPods(workload, mark, snapshot).some((pod) => mark !== undefined && markOf(pod) !== mark);
	// A node that is not ready is no fault of the revision.
	return ({ pod }) => isUnderWay && markOf(pod) === mark && !isUnready(pod.spec.nodeName, snapshot);
};

/**
 * Says of the first pod that runs and does not become ready what its probe said last. The new pods of a rollout come first, and in other words:
 * only these are a reason to take it back.
 */
const notReady = (service: string, mine: readonly ShownPod[], isNew: (one: ShownPod) => boolean): readonly string[] => {
	const unhealthy = mine.filter(({ instance: { status, health } }) => status === 'running' && health === 'unhealthy');
	const first = unhealthy.find(isNew) ?? unhealthy[0];
	if (first === undefined) {
		return [];
	}
	const { name, probes } = first.instance;
	const which = isNew(first) ? `${service}: its new pod ${name}` : `${name}:`;
	const said = probes.at(-1)?.output.replace(/[:\s]+$/, '') ?? '';
	return [
		`${which} runs and is not ready${said === '' ? '' : ` (${said})`}${unhealthy.length > 1 ? ` (and ${unhealthy.length - 1} more)` : ''}`,
	];
};

const isFailing = ({ instance: { status, error, health } }: ShownPod): boolean =>
	['restarting', 'exited'].includes(status) || (status === 'created' && error !== '') || health === 'unhealthy';

/** Returns the workloads of which a pod does not start, does not become ready or ends again and again; not those that only miss pods of a node that is not ready. */
export const failingWorkloads = (snapshot: Snapshot, project: string, now: number): readonly RawWorkload[] => [
	...new Set(
		shownPods(snapshot, project, now)
			.filter(isFailing)
			.map(({ workload }) => workload),
	),
];

const rolloutOf = (workload: RawWorkload, snapshot: Snapshot, project: string, now: number): ServiceRollout => {
	const mark = markOfNow(workload, snapshot);
	const mine = shownPods(snapshot, project, now).filter((one) => one.workload === workload);
	const current = mine.filter(
		({ pod }) =>
			mark !== undefined && markOf(pod) === mark && isReadyPod(pod) && !isUnready(pod.spec.nodeName, snapshot),
	).length;
	const desired = wantedPods(workload, snapshot);
	const service = workloadName(workload, snapshot);
	const earlier = earlierPods(workload, mark, snapshot).length;
	const times = mine.flatMap(({ instance, pod }) => [
		instance.finishedAt ?? instance.startedAt ?? instance.createdAt,
		...(pod.status.conditions ?? []).map(({ lastTransitionTime }) => parseMillis(lastTransitionTime) ?? 0),
	]);
	const transitions = (workload.status.conditions ?? []).map(
		({ lastTransitionTime }) => parseMillis(lastTransitionTime) ?? 0,
	);
	return {
		service,
		desired,
		current,
		earlier,
		isJob: false,
		restarting: [
			...mine.filter(({ instance }) => instance.status === 'restarting').map(tried),
			// An event stays for an hour: it counts only while pods are missing.
			...(mine.length < desired ? failedCreates(workload, snapshot) : []),
		],
		troubles: [
			...notStarted(workload, mine, earlier),
			...notReady(service, mine, newPodsOf(workload, snapshot)),
			...(current < desired ? onUnready(workload, service, snapshot) : []),
		],
		update: updateOf(workload, snapshot),
		since: Math.max(0, ...times, ...transitions),
	};
};

/** Returns how far each workload is, by name. */
export const rolloutsOf = (snapshot: Snapshot, project: string, now: number): readonly ServiceRollout[] =>
	snapshot.workloads
		.map((workload) => rolloutOf(workload, snapshot, project, now))
		.toSorted((a, b) => (a.service < b.service ? -1 : 1));
