import type { EngineNode } from '../../engine/node.ts';
import { isGlobal } from './names.ts';
import type { RawNode, RawPlatform, RawService } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

const oneOf = <T extends string>(text: string | undefined, known: readonly T[], otherwise: T): T =>
	known.find((one) => one === text) ?? otherwise;

export const nodeName = (node: RawNode | undefined): string | undefined => node?.Description?.Hostname || node?.ID;

/** True for a node that the managers hear from. */
export const isReady = (node: RawNode | undefined): boolean => node?.Status?.State === 'ready';

/** Returns the nodes, managers first, then by name. */
export const nodesOf = ({ nodes, tasks, here }: Snapshot): readonly EngineNode[] =>
	nodes
		.map((node): EngineNode => {
			const { ManagerStatus: manager, Status: status } = node;
			return {
				id: node.ID,
				name: nodeName(node) ?? node.ID,
				role: oneOf(node.Spec?.Role, ['manager', 'worker'], 'worker'),
				state: oneOf(status?.State, ['ready', 'down', 'disconnected', 'unknown'], 'unknown'),
				availability: oneOf(node.Spec?.Availability, ['active', 'pause', 'drain'], 'active'),
				isLeader: manager?.Leader === true,
				isHere: node.ID === here,
				...(manager && { isReachable: manager.Reachability === 'reachable' }),
				...(status?.Message && { message: status.Message }),
				version: node.Description?.Engine?.EngineVersion ?? '',
				instances: tasks.filter(({ NodeID, Status }) => NodeID === node.ID && Status?.State === 'running').length,
			};
		})
		.toSorted((a, b) => Number(b.role === 'manager') - Number(a.role === 'manager') || a.name.localeCompare(b.name));

/** Returns the value of a node that a constraint names; undefined for a name that is not known here. */
const fieldOf = (node: RawNode, name: string): string | undefined => {
	const { Spec: spec, Description: about } = node;
	const [, kind, label = ''] = /^(node|engine)\.labels\.(.+)$/i.exec(name) ?? [];
	if (kind !== undefined) {
		return (kind.toLowerCase() === 'node' ? spec?.Labels : about?.Engine?.Labels)?.[label] ?? '';
	}
	const known: Readonly<Record<string, string | undefined>> = {
		'node.id': node.ID,
		'node.hostname': about?.Hostname ?? '',
		'node.role': spec?.Role ?? '',
		'node.platform.os': about?.Platform?.OS ?? '',
		'node.platform.arch': architecture(about?.Platform),
	};
	return known[name.toLowerCase()];
};

/** The two names of an architecture are one to the scheduler (swarmkit, manager/scheduler/filter.go). */
const architecture = ({ Architecture = '' }: RawPlatform = {}): string =>
	({ x86_64: 'amd64', aarch64: 'arm64' })[Architecture] ?? Architecture;

/** True when a node meets a constraint such as `node.labels.disk == ssd`; undefined when it cannot be judged here. */
const meets = (node: RawNode, constraint: string): boolean | undefined => {
	const [, name = '', operator, value = ''] = /^\s*([^=!\s]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
	const has = operator === undefined ? undefined : fieldOf(node, name);
	return has === undefined ? undefined : (has.toLowerCase() === value.toLowerCase()) === (operator === '==');
};

const fits = (node: RawNode, platforms: readonly RawPlatform[]): boolean =>
	platforms.length === 0 ||
	platforms.some(
		(platform) =>
			(!platform.OS || platform.OS === node.Description?.Platform?.OS) &&
			(!platform.Architecture || architecture(platform) === architecture(node.Description?.Platform)),
	);

/**
 * Returns the number of nodes on which a global service should run: those that are ready, get tasks, and meet its constraints; if a
 * constraint is not known here, the number that the engine says. A paused node counts while a task is on it.
 */
export const eligibleNodes = (service: RawService, { nodes, tasks }: Snapshot): number => {
	const { Constraints, Platforms } = service.Spec?.TaskTemplate?.Placement ?? {};
	let isKnown = true;
	const eligible = nodes.filter((node) => {
		const met = (Constraints ?? []).map((one) => meets(node, one));
		isKnown &&= !met.includes(undefined);
		const hasTask = tasks.some(
			(task) => task.ServiceID === service.ID && task.NodeID === node.ID && task.DesiredState === 'running',
		);
		const takes = node.Spec?.Availability === 'active' || (node.Spec?.Availability === 'pause' && hasTask);
		return isReady(node) && takes && met.every((one) => one === true) && fits(node, Platforms ?? []);
	});
	return isKnown ? eligible.length : (service.ServiceStatus?.DesiredTasks ?? eligible.length);
};

/** Returns the number of tasks that a service should have. */
export const wantedTasks = (service: RawService, snapshot: Snapshot): number => {
	const { Mode } = service.Spec ?? {};
	return isGlobal(service)
		? eligibleNodes(service, snapshot)
		: (Mode?.ReplicatedJob?.TotalCompletions ?? Mode?.ReplicatedJob?.MaxConcurrent ?? Mode?.Replicated?.Replicas ?? 1);
};
