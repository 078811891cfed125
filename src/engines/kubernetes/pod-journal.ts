import { byTime, EventLog, type Told } from '../../engine/event-log.ts';
import type { Instance, InstanceEvent } from '../../engine/instance.ts';
import { millisToNanos, parseNanos } from '../../engine/time.ts';
import { type ShownPod, shownPods } from './pods.ts';
import type { RawContainerStatus, RawPod } from './raw.ts';
import type { Snapshot } from './snapshot.ts';

/** The most events that are remembered. */
const most = 2000;

/** What is remembered of a pod from the last look. */
type SeenPod = Pick<Instance, 'service' | 'status' | 'health' | 'startedAt' | 'restarts'>;

type TimeOf = (text: string | undefined) => bigint;

const isUp = ({ status }: Pick<Instance, 'status'>): boolean => status === 'running';

/** Returns the newest end of a container of a pod. */
const lastEndOf = ({ status }: RawPod) =>
	[...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
		.flatMap(({ state, lastState }: RawContainerStatus) => state?.terminated ?? lastState?.terminated ?? [])
		.toSorted((a, b) => ((a.finishedAt ?? '') < (b.finishedAt ?? '') ? -1 : 1))
		.at(-1);

/** Returns the events of a container's end. */
const endOf = ({ instance: { id, service }, pod }: ShownPod, timeOf: TimeOf): readonly Told[] => {
	const end = lastEndOf(pod);
	const at = timeOf(end?.finishedAt);
	return [
		...(end?.reason === 'OOMKilled' ? [{ at, event: { id, service, action: 'oom' } }] : []),
		{ at, event: { id, service, action: 'die', ...(end?.exitCode !== undefined && { exitCode: end.exitCode }) } },
	];
};

const startOf = ({ instance: { id, service, startedAt } }: ShownPod, otherwise: bigint): Told => ({
	at: startedAt === undefined ? otherwise : millisToNanos(startedAt),
	event: { id, service, action: 'start' },
});

/** Returns what has happened to a pod since it was last seen; for one that was not, all that the cluster still knows. */
const changesOf = (one: ShownPod, before: SeenPod | undefined, timeOf: TimeOf): readonly Told[] => {
	const { instance, pod } = one;
	const { id, service, health } = instance;
	const createdAt = timeOf(pod.createdAt);
	const hasEnded = before === undefined ? lastEndOf(pod) !== undefined : instance.restarts > before.restarts;
	const stops = before !== undefined && isUp(before) && !isUp(instance) && !hasEnded;
	const starts = isUp(instance) && (before === undefined || !isUp(before) || before.startedAt !== instance.startedAt);
	const readyAt = (pod.status.conditions ?? []).find(({ type }) => type === 'Ready')?.lastTransitionTime;
	const probed = isUp(instance) && health !== undefined && health !== 'starting' && before?.health !== health;
	return [
		...(before === undefined ? [{ at: createdAt, event: { id, service, action: 'create' } }] : []),
		...(hasEnded || stops ? endOf(one, timeOf) : []),
		...(starts ? [startOf(one, createdAt)] : []),
		...(probed ? [{ at: timeOf(readyAt), event: { id, service, action: 'health_status', detail: health } }] : []),
	];
};

/** Returns the events of a pod that is not shown any more: it was deleted, or evicted. */
const goneOf = (id: string, before: SeenPod, pod: RawPod | undefined, timeOf: TimeOf): readonly Told[] => {
	const { service } = before;
	const at = timeOf(pod?.deletedAt || undefined);
	return [
		...(isUp(before)
			? [
					{ at, event: { id, service, action: 'kill' } },
					{ at, event: { id, service, action: 'die' } },
				]
			: []),
		{ at, event: { id, service, action: 'destroy' } },
	];
};

/** The events of a deployment's pods in Docker's words, made from the differences of two looks. */
export class PodJournal {
	readonly #project: string;
	readonly #log = new EventLog(most);
	#seen: ReadonlyMap<string, SeenPod> | undefined;

	constructor(project: string) {
		this.#project = project;
	}

	/**
	 * Adds what has changed since the last look.
	 *
	 * @param now ms by the host's clock: a node whose clock is ahead must not date all that follows
	 */
	note(snapshot: Snapshot, now: number): void {
		const had = this.#seen ?? new Map<string, SeenPod>();
		const isFirst = this.#seen === undefined;
		const shown = shownPods(snapshot, this.#project, now);
		this.#seen = new Map(shown.map(({ instance }) => [instance.id, instance]));
		const latest = millisToNanos(now + 1000);
		const timeOf: TimeOf = (text) => {
			const at = parseNanos(text) ?? latest;
			return at < latest ? at : latest;
		};
		const told: Told[] = [];
		for (const [id, before] of had) {
			if (!this.#seen.has(id)) {
				const pod = snapshot.pods.find(({ uid }) => uid === id);
				told.push(...goneOf(id, before, pod, timeOf));
			}
		}
		for (const one of shown) {
			told.push(...changesOf(one, had.get(one.instance.id), timeOf));
		}
		this.#log.add(isFirst ? told.toSorted(byTime) : told);
	}

	/** Returns a function that gives the events since its last call; first those since a time, or none. */
	reader(since: bigint | undefined): () => readonly InstanceEvent[] {
		return this.#log.reader(since);
	}
}
