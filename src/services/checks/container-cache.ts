import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import { type EventRecord, noRecord, readEventRecord } from './event-record.ts';
import type { CheckContext } from './outcome.ts';

/** The containers of the project at one moment. */
export interface ContainersNow {
	readonly containers: readonly Instance[];
	/** What the daemon itself has noted of them; only what it still knows. */
	readonly record: EventRecord;
}

/** Looks at the containers for all checks of a verification: those that ask at the same time share one look. */
export interface ContainerCache {
	take(signal: AbortSignal): Promise<ContainersNow>;
	/**
	 * The id of the container that will probably count for a service in the look under way: the one that did at the last look, or the
	 * only running one of the list. Undefined where that cannot be said. Never rejects.
	 */
	likely(service: string): Promise<string | undefined>;
	/** When the newest container of the project was started, ms by this machine's clock; undefined before the first look. */
	newestStart(): number | undefined;
}

/** How long a look serves others that ask a little later. */
const freshMs = 100;
export interface ContainerCacheOptions {
	/** Inspects only what the list leaves a doubt of (`takeKnown`), to watch. For a verdict, all are inspected each time. */
	readonly reuse?: boolean;
}

/** A look under way, or just done. */
interface CachedRead {
	readonly at: number;
	readonly listed: Promise<readonly InstanceSummary[]>;
	readonly answer: Promise<ContainersNow>;
}

export const createContainerCache = (
	{ engine, instances }: Pick<CheckContext, 'engine' | 'instances'>,
	{ reuse = false }: ContainerCacheOptions = {},
): ContainerCache => {
	let current: CachedRead | undefined;
	let last: ContainersNow | undefined;
	let record: Promise<EventRecord> | undefined;

	const look = (signal: AbortSignal): CachedRead => {
		const listing = Promise.withResolvers<readonly InstanceSummary[]>();
		const onListed = (listed: readonly InstanceSummary[]) => {
			listing.resolve(listed);
			// The host's clock is known now, and what is in its record may come with the inspections.
			record ??= readEventRecord(engine, signal).catch(() => {
				// Without the record the containers' own times must do; it is asked for again at the next look.
				record = undefined;
				return noRecord;
			});
		};
		const taking = reuse ? instances.takeKnown(signal, onListed) : instances.takeAll(signal, onListed);
		const answer = taking.then(async (containers) => {
			const had = (await record) ?? noRecord;
			last = { containers, record: had };
			if (containers.some((details) => changedAt(details) > had.until)) {
				// What happened since then is in the record by now: it is read again at the next look.
				record = undefined;
			}
			return last;
		});
		answer.catch(listing.reject);
		listing.promise.catch(() => {});
		return { at: performance.now(), listed: listing.promise, answer };
	};

	return {
		take: (signal) => {
			if (current === undefined || performance.now() - current.at > freshMs) {
				const mine = look(signal);
				// What failed is not given to those who ask later.
				mine.answer.catch(() => {
					current = current === mine ? undefined : current;
				});
				current = mine;
			}
			return current.answer;
		},
		likely: async (service) => {
			if (last !== undefined) {
				const container = containerOf(last, service);
				return container?.status === 'running' ? container.id : undefined;
			}
			const listed = await current?.listed.catch(() => []);
			const running = (listed ?? []).filter((one) => one.service === service && one.status === 'running');
			return running.length === 1 ? running[0]?.id : undefined;
		},
		newestStart: () => {
			const starts = last?.containers.map(({ startedAt }) => startedAt ?? 0) ?? [];
			const newest = Math.max(0, ...starts);
			return newest === 0 ? undefined : engine.clock.toLocal(newest);
		},
	};
};

/** When a container was last started or has last ended, ms by the host's clock. */
const changedAt = ({ startedAt, finishedAt }: Instance): number => Math.max(startedAt ?? 0, finishedAt ?? 0);

/** The container of a service that counts: the running one, else the newest. */
export const containerOf = (snapshot: ContainersNow, service: string): Instance | undefined =>
	snapshot.containers
		.filter((details) => details.service === service)
		.toSorted(
			(a, b) => Number(b.status === 'running') - Number(a.status === 'running') || b.createdAt - a.createdAt,
		)[0];

/**
 * Since when a running container has been well, ms by the host's clock: its start, or later, when its health last
 * changed or a probe last failed. Docker keeps five probes; with fewer, the first success counts.
 */
export const wellSince = (details: Instance, snapshot: ContainersNow): number => {
	const start = details.startedAt ?? details.createdAt;
	if (details.health === undefined) {
		return start;
	}
	const lastFailure = details.probes.findLastIndex(({ exitCode }) => exitCode !== 0);
	const firstSuccess = details.probes[lastFailure + 1];
	const reachesBack = lastFailure === -1 && details.probes.length >= 5;
	return Math.max(
		start,
		snapshot.record.healthChangedAt.get(details.id) ?? 0,
		reachesBack || firstSuccess === undefined ? 0 : firstSuccess.endedAt,
	);
};
