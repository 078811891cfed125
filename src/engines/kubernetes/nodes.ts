import type { EngineNode } from '../../engine/node.ts';
import { ownerOf } from './names.ts';
import type { RawNode } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

const readyOf = (node: RawNode) => (node.status.conditions ?? []).find(({ type }) => type === 'Ready');

/** True for a node whose kubelet the control plane hears from, and which says that it is ready. */
export const isReady = (node: RawNode): boolean => readyOf(node)?.status === 'True';

/** True when a node is known not to be ready; one that may not be read counts as ready. */
export const isUnready = (name: string | undefined, { nodes }: Pick<Snapshot, 'nodes'>): boolean => {
	const node = nodes.find((one) => one.name === name);
	return node !== undefined && !isReady(node);
};

/** True when nothing is heard from a node. One whose kubelet says that it is not ready is not lost: its pods are known, and end. */
export const isLost = (name: string | undefined, { nodes }: Pick<Snapshot, 'nodes'>): boolean => {
	const node = nodes.find((one) => one.name === name);
	return node !== undefined && stateOf(node) === 'unknown';
};

/**
 * True when a node that is not ready is gone by plan: whoever switches a node off on purpose cordons or drains it first. What a daemon set ran there is
 * then not missed.
 */
export const isTakenOut = (name: string | undefined, snapshot: Pick<Snapshot, 'nodes'>): boolean =>
	isUnready(name, snapshot) && snapshot.nodes.find((one) => one.name === name)?.spec.unschedulable === true;

const managerLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

const stateOf = (node: RawNode): EngineNode['state'] => {
	const { status } = readyOf(node) ?? {};
	return status === 'True' ? 'ready' : status === 'False' ? 'down' : 'unknown';
};

/** Conditions that say that something is scarce on a node, or broken: `MemoryPressure`. */
const pressureOf = (node: RawNode): readonly string[] =>
	(node.status.conditions ?? []).flatMap(({ type, status, message }) =>
		type !== 'Ready' && status === 'True' ? [`${type}${message ? `: ${message}` : ''}`] : [],
	);

const messageOf = (node: RawNode): string | undefined => {
	const ready = readyOf(node);
	const said = isReady(node) ? [] : [ready?.message || ready?.reason || 'the control plane hears nothing of it'];
	return [...said, ...pressureOf(node)].join('; ') || undefined;
};

/** Returns the nodes, those of the control plane first, then by name. */
export const nodesOf = (snapshot: Snapshot): readonly EngineNode[] =>
	snapshot.nodes
		.map((node): EngineNode => {
			const isManager = managerLabels.some((label) => label in node.labels);
			const message = messageOf(node);
			const pods = snapshot.pods.filter(
				(pod) =>
					pod.spec.nodeName === node.name && pod.status.phase === 'Running' && ownerOf(pod, snapshot) !== undefined,
			);
			// A drain leaves those of daemon sets.
			const moved = pods.filter((pod) => ownerOf(pod, snapshot)?.kind !== 'DaemonSet');
			return {
				id: node.uid,
				name: node.name,
				role: isManager ? 'control-plane' : 'worker',
				state: stateOf(node),
				// kubectl drain cordons a node, and empties it.
				availability: node.spec.unschedulable === true ? (moved.length === 0 ? 'drain' : 'cordon') : 'active',
				isLeader: false,
				isHere: false,
				...(message !== undefined && { message }),
				version: node.status.nodeInfo?.kubeletVersion ?? '',
				instances: pods.length,
			};
		})
		.toSorted((a, b) => Number(b.role !== 'worker') - Number(a.role !== 'worker') || a.name.localeCompare(b.name));
