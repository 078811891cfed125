import type { RawContainer, RawPod, RawPodSpec, RawWorkload } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

/** Returns the name of a workload: `web`; with its kind before it where another kind has the same: `statefulset/db`. */
export const workloadName = (workload: RawWorkload, { workloads }: Pick<Snapshot, 'workloads'>): string =>
	workloads.some(({ name, kind }) => name === workload.name && kind !== workload.kind)
		? `${workload.kind.toLowerCase()}/${workload.name}`
		: workload.name;

/** Returns the uid of the object that controls another one. */
const controllerOf = ({ owners }: Pick<RawPod, 'owners'>): string | undefined =>
	owners.find(({ controller }) => controller === true)?.uid;

/** Returns the workload that made a pod; undefined for one of another deployment, of a Job, or made by hand. */
export const ownerOf = (pod: RawPod, { workloads, replicaSets }: Snapshot): RawWorkload | undefined => {
	const by = controllerOf(pod);
	const set = replicaSets.find(({ uid }) => uid === by);
	const uid = set === undefined ? by : controllerOf(set);
	return uid === undefined ? undefined : workloads.find((workload) => workload.uid === uid);
};

/** Returns the container that a pod is about: the one that it names as the default, or its first. */
export const mainContainer = (
	spec: RawPodSpec | undefined,
	annotations: Readonly<Record<string, string>> = {},
): RawContainer | undefined => {
	const all = spec?.containers ?? [];
	const named =
		annotations['kubectl.kubernetes.io/default-container'] ??
		annotations['kubectl.kubernetes.io/default-logs-container'];
	return all.find(({ name }) => name === named) ?? all[0];
};

const revisionKey = 'deployment.kubernetes.io/revision';

/** Returns the mark of what a pod was made from: the hash of its template, or the name of its ControllerRevision. */
export const markOf = ({ labels }: Pick<RawPod, 'labels'>): string | undefined =>
	labels['pod-template-hash'] ?? labels['controller-revision-hash'];

/** Returns the mark of pods that are made from what a workload asks for now; undefined while its controller has not said. */
export const markOfNow = (workload: RawWorkload, { replicaSets, revisions }: Snapshot): string | undefined => {
	if ((workload.status.observedGeneration ?? 0) < workload.generation) {
		return undefined;
	}
	if (workload.kind === 'Deployment') {
		const mine = replicaSets.filter((set) => controllerOf(set) === workload.uid);
		return mine.find(({ annotations }) => annotations[revisionKey] === workload.annotations[revisionKey])?.labels[
			'pod-template-hash'
		];
	}
	if (workload.kind === 'StatefulSet') {
		return workload.status.updateRevision;
	}
	const newest = revisions
		.filter((revision) => controllerOf(revision) === workload.uid)
		.toSorted((a, b) => a.revision - b.revision)
		.at(-1);
	return newest?.labels['controller-revision-hash'];
};

/** Returns the number of the revision that a workload is at: that of its newest ReplicaSet or ControllerRevision. */
export const revisionOf = (workload: RawWorkload, { revisions }: Snapshot): number | undefined => {
	if (workload.kind === 'Deployment') {
		const number = Number(workload.annotations[revisionKey]);
		return number > 0 ? number : undefined;
	}
	const mine = revisions.filter((revision) => controllerOf(revision) === workload.uid);
	return mine.length === 0 ? undefined : Math.max(...mine.map(({ revision }) => revision));
};

/** Returns an image by its digest, as the node reported it: `registry.example/shop@sha256:…` of `docker-pullable://…`; a bare id as it is. */
export const byDigest = (imageId: string): string => imageId.replace(/^[a-z-]+:\/\//, '');

/** True for a pod that has a check of its own whether it serves. */
export const hasProbe = (spec: RawPodSpec | undefined): boolean =>
	(spec?.containers ?? []).some(
		({ readinessProbe, livenessProbe, startupProbe }) =>
			(readinessProbe ?? livenessProbe ?? startupProbe) !== undefined,
	);
