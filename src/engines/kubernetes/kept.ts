import type { KeptDeployment, KeptInstance, KeptNotes } from '../../engine/kept.ts';

/** A workload as kubernetes-keep.sh notes it. */
interface NotedWorkload {
	readonly name: string;
	/** The number of its pods; `-` for one that has a pod on each node. */
	readonly replicas: string;
	readonly image: string;
	/** The digest of the image that ran; empty where no pod did. */
	readonly digest: string;
}

const workloadsIn = (noted: string): readonly NotedWorkload[] => {
	try {
		const all: unknown = JSON.parse(noted);
		return Array.isArray(all)
			? all.filter((one) => typeof one?.name === 'string' && typeof one.image === 'string')
			: [];
	} catch {
		return [];
	}
};

/** Returns the pods that a workload had by its specification; with one on each node, it counts once. */
const instancesOf = ({ name, replicas, image, digest }: NotedWorkload): readonly KeptInstance[] => {
	const wanted = Number.parseInt(replicas, 10);
	const count = Number.isNaN(wanted) ? 1 : wanted;
	return Array.from({ length: Math.max(1, count) }, (_, at) => ({
		service: name,
		number: String(at + 1),
		state: count === 0 ? ('stopped' as const) : ('running' as const),
		image: digest || image,
		imageName: image,
		name: `${name}.${at + 1}`,
	}));
};

const lineOf = ({ service, number, state, image, imageName, name }: KeptInstance): string =>
	[service, number, state, image, imageName, '', name].join('|');

/** Reads the workloads that a restore point has noted. */
export const readKept = ({ noted, environment }: KeptNotes, project: string): KeptDeployment => {
	const instances = workloadsIn(noted).flatMap(instancesOf);
	const placed = Object.entries(environment).filter(([name]) => name.startsWith('kube_'));
	return {
		instances,
		environment: {
			...(placed.length > 0 && { project: environment.project ?? project, ...Object.fromEntries(placed) }),
			from_containers: instances.map(lineOf).join('\n'),
		},
	};
};
