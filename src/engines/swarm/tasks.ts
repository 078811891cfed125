import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import { parseMillis } from '../../engine/time.ts';
import { toLog } from '../docker/log-driver.ts';
import { findEndedWithNode } from './ended-with-node.ts';
import { imageOf, isGlobal, isJob, markOf, serviceName, withoutDigest } from './names.ts';
import { isReady, nodeName } from './nodes.ts';
import type { RawNode, RawService, RawTask } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

/** A task as an instance, with what it was made from. */
export interface ShownTask {
	readonly instance: Instance;
	readonly task: RawTask;
	readonly service: RawService;
	readonly node: RawNode | undefined;
}

/** States of a task before it runs, in order. */
const before = ['new', 'pending', 'allocated', 'assigned', 'accepted', 'preparing', 'ready', 'starting'];
const failures = ['failed', 'rejected'];
/** A task that is in one of these has ended by itself. */
const ends = [...failures, 'complete', 'orphaned'];

export const stateOf = (task: RawTask): string => task.Status?.State ?? 'new';
const madeAt = (task: RawTask): number => parseMillis(task.CreatedAt) ?? 0;
const stateAt = (task: RawTask): number => parseMillis(task.Status?.Timestamp) ?? madeAt(task);

/** True for a task that runs no more, and for one that is gone. */
export const hasEnded = (task: RawTask | undefined): boolean =>
	task === undefined || [...ends, 'shutdown', 'remove'].includes(stateOf(task));

/** True for a task that the engine wants to run, or to finish its work. */
export const isWanted = ({ DesiredState }: RawTask): boolean =>
	['running', 'ready', 'complete'].includes(DesiredState ?? 'running');

export const exitCodeOf = (task: RawTask): number | undefined =>
	task.Status?.ContainerStatus?.ContainerID ? (task.Status.ContainerStatus.ExitCode ?? 0) : undefined;

/** A slot of a service with all its tasks, oldest first; a global service has a slot on each node. */
interface Slot {
	readonly service: RawService;
	readonly tasks: readonly RawTask[];
}

const slotsOf = ({ services, tasks }: Snapshot): readonly Slot[] =>
	services.flatMap((service) => {
		const iteration = service.JobStatus?.JobIteration?.Index;
		const slots = new Map<string, RawTask[]>();
		for (const task of tasks.toSorted((a, b) => madeAt(a) - madeAt(b))) {
			// A job that was started again has the tasks of the times before, too.
			if (task.ServiceID === service.ID && (iteration === undefined || task.JobIteration?.Index === iteration)) {
				const key = String(isGlobal(service) ? (task.NodeID ?? '') : (task.Slot ?? 0));
				slots.set(key, [...(slots.get(key) ?? []), task]);
			}
		}
		return [...slots.values()].map((all) => ({ service, tasks: all }));
	});

/**
 * Returns the tasks of slots that count: those that should run; and of a slot where none should, the newest if it ended by itself. The
 * history of a slot that was taken away by scaling does not count.
 */
const countedOf = (slots: readonly Slot[]): readonly { readonly slot: Slot; readonly task: RawTask }[] =>
	slots.flatMap((slot) => {
		const wanted = slot.tasks.filter(isWanted);
		if (wanted.length > 0) {
			return wanted.map((task) => ({ slot, task }));
		}
		const used = slots.filter(({ service, tasks }) => service === slot.service && tasks.some(isWanted)).length;
		const replicas = slot.service.Spec?.Mode?.Replicated?.Replicas;
		const newest = slot.tasks.at(-1);
		return newest === undefined || !ends.includes(stateOf(newest)) || (replicas !== undefined && used >= replicas)
			? []
			: [{ slot, task: newest }];
	});

/**
 * Returns the earlier tasks of a slot that were made from the same and ended by themselves, the newest last: what Docker tries again. Those that
 * ended with their node are left out.
 */
const triesBefore = (slot: Slot, task: RawTask, withNode: EndedWithNode): readonly RawTask[] => {
	const at = slot.tasks.indexOf(task);
	const tries: RawTask[] = [];
	for (const [index, one] of [...slot.tasks.slice(0, at).entries()].toReversed()) {
		if (withNode(one, slot.tasks[index + 1])) {
			continue;
		}
		if (markOf(one.Spec) !== markOf(task.Spec) || ![...failures, 'complete'].includes(stateOf(one))) {
			break;
		}
		tries.unshift(one);
	}
	return tries;
};

type EndedWithNode = ReturnType<typeof findEndedWithNode>;

/** Returns the engine's reason why a task does not run, unless the exit code says it all. */
export const errorOf = (task: RawTask): string => (task.Status?.Err ?? '').replace(/^task: non-zero exit.*$/, '');

/** Docker's name for the state of a container, with the words that say more. */
interface Status {
	readonly status: string;
	readonly error: string;
	readonly exitCode?: number | undefined;
}

const statusOf = (task: RawTask, tries: readonly RawTask[], node: RawNode | undefined): Status => {
	const state = stateOf(task);
	const error = errorOf(task);
	const exitCode = exitCodeOf(task);
	if (state === 'running' || state === 'starting') {
		return node === undefined || isReady(node)
			? { status: 'running', error: '' }
			: {
					status: 'dead',
					error: `its node ${nodeName(node)} is ${node.Status?.State ?? 'unknown'}: ${node.Status?.Message || 'the managers hear nothing of it'}`,
				};
	}
	if (failures.includes(state)) {
		// A node that rejects a task has not started its container.
		const ended = state === 'rejected' ? 'created' : 'exited';
		return { status: isWanted(task) ? 'restarting' : ended, error, exitCode };
	}
	if (before.includes(state)) {
		const last = tries.at(-1);
		return last === undefined
			? { status: 'created', error }
			: { status: 'restarting', error: error || errorOf(last), exitCode: exitCodeOf(last) };
	}
	return state === 'complete' || state === 'shutdown'
		? { status: 'exited', error, exitCode: exitCode ?? 0 }
		: { status: 'dead', error, exitCode };
};

const policies: Readonly<Record<string, string>> = { none: 'no', 'on-failure': 'on-failure', any: 'always' };

const hasHealthCheck = (task: RawTask): boolean => {
	const [kind] = task.Spec?.ContainerSpec?.Healthcheck?.Test ?? [];
	return kind !== undefined && kind !== 'NONE';
};

/** A task is `running` only when its health check has passed; one that fails it later is ended by the engine. */
const healthOf = (task: RawTask): string | undefined =>
	stateOf(task) === 'starting'
		? 'starting'
		: stateOf(task) === 'running' && hasHealthCheck(task)
			? 'healthy'
			: undefined;

const toInstance = (
	{ slot, task }: { readonly slot: Slot; readonly task: RawTask },
	node: RawNode | undefined,
	stack: string,
	withNode: EndedWithNode,
): Instance => {
	const { service } = slot;
	const tries = triesBefore(slot, task, withNode);
	const status = statusOf(task, tries, node);
	const at = stateAt(task);
	const hasRun = status.status === 'exited' || status.status === 'dead';
	const place = isGlobal(service) ? (nodeName(node) ?? task.ID) : String(task.Slot ?? 0);
	const image = imageOf(task.Spec);
	return {
		id: task.ID,
		name: `${service.Spec?.Name ?? service.ID}.${place}`,
		service: serviceName(service, stack),
		status: status.status,
		health: status.status === 'running' ? healthOf(task) : undefined,
		probes: [],
		exitCode: status.status === 'running' ? undefined : status.exitCode,
		oomKilled: false,
		error: status.error,
		restarts: tries.length,
		// A task is never started twice: its restarts are the tasks before it.
		createdAt: madeAt(tries[0] ?? task),
		// The engine only keeps the end of an ended task: it began after it was made.
		startedAt: status.status === 'running' ? at : hasRun ? madeAt(task) : undefined,
		finishedAt: hasRun ? at : undefined,
		image: withoutDigest(image),
		imageId: image,
		tty: task.Spec?.ContainerSpec?.TTY === true,
		log: toLog(task.Spec?.LogDriver?.Name, task.Spec?.LogDriver?.Options),
		restartPolicy: isJob(service)
			? 'no'
			: (policies[service.Spec?.TaskTemplate?.RestartPolicy?.Condition ?? 'any'] ?? 'always'),
		publishesPorts: (service.Spec?.EndpointSpec?.Ports ?? []).length > 0,
		project: stack,
		configuration: markOf(task.Spec),
		...(node !== undefined && { node: nodeName(node) }),
	};
};

const shown = new WeakMap<Snapshot, readonly ShownTask[]>();

/** Returns the tasks of a stack that an operator thinks of: those that should run, and those that ended and are not tried again. */
export const shownTasks = (snapshot: Snapshot, stack: string): readonly ShownTask[] => {
	const known = shown.get(snapshot);
	if (known !== undefined) {
		return known;
	}
	const withNode = findEndedWithNode(snapshot.tasks);
	const all = countedOf(slotsOf(snapshot)).map((counted) => {
		const { slot, task } = counted;
		const node = snapshot.nodes.find(({ ID }) => ID === task.NodeID);
		return { instance: toInstance(counted, node, stack, withNode), task, service: slot.service, node };
	});
	shown.set(snapshot, all);
	return all;
};

/** Returns the entry of a list for a task. The words change with its state, so a list leaves no doubt. */
export const toSummary = ({ instance, task }: ShownTask): InstanceSummary => {
	const { id, name, service, status, health, node } = instance;
	const probed = health === undefined ? '' : ` (${health === 'starting' ? 'health: starting' : health})`;
	const where = node === undefined ? '' : ` on ${node}`;
	return {
		id,
		name,
		service,
		status,
		words: `${stateOf(task)} since ${task.Status?.Timestamp ?? '?'}${where}, restarts ${instance.restarts}${probed}`,
	};
};
