import { byTime, EventLog, type Told } from '../../engine/event-log.ts';
import type { InstanceEvent } from '../../engine/instance.ts';
import { millisToNanos, parseNanos } from '../../engine/time.ts';
import { serviceName } from './names.ts';
import type { RawTask } from './raw.ts';
import type { Snapshot } from './snapshot.ts';
import { exitCodeOf, hasEnded, isWanted, type ShownTask, shownTasks, stateOf } from './tasks.ts';

/** Number of events that are remembered, like the engine's own. */
const most = 256;

/** A task as it was when it was last seen. */
interface SeenTask {
	readonly service: string;
	readonly status: string;
	readonly health: string | undefined;
}

/** True when the engine ended a task because somebody wished it; otherwise it has failed, or is complete. */
const isWish = (task: RawTask | undefined, all: readonly RawTask[]): boolean =>
	task === undefined ||
	!['failed', 'rejected', 'complete'].includes(stateOf(task)) ||
	// One that had to be killed counts as failed; but the one in its place was made before its end.
	all.some(
		({ ServiceID, Slot, NodeID, CreatedAt = '' }) =>
			ServiceID === task.ServiceID &&
			(task.Slot ? Slot === task.Slot : NodeID === task.NodeID) &&
			CreatedAt > (task.CreatedAt ?? '') &&
			(parseNanos(CreatedAt) ?? 0n) < (parseNanos(task.Status?.Timestamp) ?? 0n),
	);

/** Returns the events of a task's end, and how it came. */
const endOf = (id: string, service: string, { tasks }: Pick<Snapshot, 'tasks'>, at: bigint): readonly Told[] => {
	const task = tasks.find(({ ID }) => ID === id);
	const exitCode = task !== undefined && hasEnded(task) ? exitCodeOf(task) : undefined;
	return [
		...(isWish(task, tasks) ? [{ at, event: { id, service, action: 'kill' } }] : []),
		{ at, event: { id, service, action: 'die', ...(exitCode !== undefined && { exitCode }) } },
	];
};

/** Returns what the engine's history of tasks tells of the time before the first look. */
const historyOf = (snapshot: Snapshot, stack: string): readonly Told[] => {
	const shown = new Set(shownTasks(snapshot, stack).map(({ task }) => task.ID));
	const told = snapshot.tasks.flatMap((task): readonly Told[] => {
		const owner = snapshot.services.find(({ ID }) => ID === task.ServiceID);
		if (owner === undefined) {
			return [];
		}
		const [id, service, state] = [task.ID, serviceName(owner, stack), stateOf(task)];
		const at = parseNanos(task.Status?.Timestamp) ?? 0n;
		return [
			{ at: parseNanos(task.CreatedAt) ?? 0n, event: { id, service, action: 'create' } },
			...(state === 'running' ? [{ at, event: { id, service, action: 'start' } }] : []),
			...(['complete', 'failed', 'shutdown', 'rejected'].includes(state) ? endOf(id, service, snapshot, at) : []),
			...(shown.has(id) || isWanted(task) ? [] : [{ at, event: { id, service, action: 'destroy' } }]),
		];
	});
	return told.toSorted(byTime);
};

/** Returns what happened to a task since it was last seen. */
const changesOf = (
	{ instance, task }: ShownTask,
	before: SeenTask | undefined,
	snapshot: Snapshot,
	timeOf: (text: string | undefined) => bigint,
): readonly Told[] => {
	const { id, service, status, health } = instance;
	const at = timeOf(task.Status?.Timestamp);
	const starts = status === 'running' && before?.status !== 'running';
	const ends = status !== 'running' && (before?.status === 'running' || (before === undefined && status === 'exited'));
	const probed = status === 'running' && health !== undefined && health !== 'starting' && before?.health !== health;
	return [
		...(before === undefined ? [{ at: timeOf(task.CreatedAt), event: { id, service, action: 'create' } }] : []),
		...(starts ? [{ at, event: { id, service, action: 'start' } }] : []),
		...(ends ? endOf(id, service, snapshot, at) : []),
		...(probed ? [{ at, event: { id, service, action: 'health_status', detail: health } }] : []),
	];
};

/** The events of a stack's tasks, made from their differences from one look to the next: a swarm does not tell of tasks. */
export class TaskJournal {
	readonly #stack: string;
	readonly #log = new EventLog(most);
	#seen: ReadonlyMap<string, SeenTask> | undefined;

	constructor(stack: string) {
		this.#stack = stack;
	}

	/**
	 * Adds what has changed since the last look.
	 *
	 * @param now ms by the host's clock: a node whose clock is ahead must not date all that follows
	 */
	note(snapshot: Snapshot, now: number): void {
		const shown = shownTasks(snapshot, this.#stack);
		const had = this.#seen;
		this.#seen = new Map(
			shown.map(({ instance: { id, service, status, health } }) => [id, { service, status, health }]),
		);
		if (had === undefined) {
			this.#log.add(historyOf(snapshot, this.#stack));
			return;
		}
		const latest = millisToNanos(now + 1000);
		const timeOf = (text: string | undefined) => {
			const at = parseNanos(text) ?? latest;
			return at < latest ? at : latest;
		};
		for (const [id, { service, status }] of had) {
			if (this.#seen.has(id)) {
				continue;
			}
			const task = snapshot.tasks.find(({ ID }) => ID === id);
			const at = timeOf(task?.Status?.Timestamp);
			const wasUp = ['running', 'created', 'restarting'].includes(status);
			this.#log.add([
				...(wasUp ? endOf(id, service, snapshot, at) : []),
				{ at, event: { id, service, action: 'destroy' } },
			]);
		}
		for (const one of shown) {
			this.#log.add(changesOf(one, had.get(one.task.ID), snapshot, timeOf));
		}
	}

	/** Returns a function that gives the events since its last call; first those since a time, or none. */
	reader(since: bigint | undefined): () => readonly InstanceEvent[] {
		return this.#log.reader(since);
	}
}
