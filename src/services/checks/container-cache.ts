import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import { createEndings } from './endings.ts';
import { type EventRecord, noRecord, readEventRecord } from './event-record.ts';
import type { CheckContext } from './outcome.ts';

/** The containers of the project at one moment. */
export interface ContainersNow {
	readonly containers: readonly Instance[];
	/** The daemon's own record of events, as far as it still has it. */
	readonly record: EventRecord;
}

/** Reads the containers for all checks of a verification: simultaneous callers share one read. */
export interface ContainerCache {
	take(signal: AbortSignal): Promise<ContainersNow>;
	/**
	 * Predicts the id of a service's container before the read in progress ends: the one from the last read, or the only running one in the
	 * list. Undefined when that is unclear. Never rejects.
	 */
	likely(service: string): Promise<string | undefined>;
	/** Returns the start of the project's newest container, ms by this machine's clock; undefined before the first read. */
	newestStart(): number | undefined;
}

/** Time for which a read is shared with later callers, ms. */
const freshMs = 100;
export interface ContainerCacheOptions {
	/**
	 * True: inspects only the containers that the list leaves in doubt (`takeKnown`), for monitoring. For a verdict, all are inspected each
	 * time.
	 */
	readonly reuse?: boolean;
}

/** A read in progress, or just finished. */
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
	const endings = createEndings();

	const look = (signal: AbortSignal): CachedRead => {
		const listing = Promise.withResolvers<readonly InstanceSummary[]>();
		const onListed = (listed: readonly InstanceSummary[]) => {
			listing.resolve(listed);
			// The host's clock is known now, and the record can be read together with the inspections.
			record ??= readEventRecord(engine, signal).catch(() => {
				// Without the record the containers' own times have to do; it is requested again at the next read.
				record = undefined;
				return noRecord;
			});
		};
		const taking = reuse ? instances.takeKnown(signal, onListed) : instances.takeAll(signal, onListed);
		const answer = taking.then(async (containers) => {
			const had = (await record) ?? noRecord;
			last = { containers, record: { ...had, ...endings(had, containers) } };
			if (containers.some((details) => changedAt(details) > had.until)) {
				// Later events are in the record by now: it is requested again at the next read.
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
				// A failure is not shared with later callers.
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

/** Returns the time of a container's last start or end, ms by the host's clock. */
const changedAt = ({ startedAt, finishedAt }: Instance): number => Math.max(startedAt ?? 0, finishedAt ?? 0);

/** Returns the container that counts for a service: the running one, else the newest. */
export const containerOf = (snapshot: ContainersNow, service: string): Instance | undefined =>
	snapshot.containers
		.filter((details) => details.service === service)
		.toSorted(
			(a, b) => Number(b.status === 'running') - Number(a.status === 'running') || b.createdAt - a.createdAt,
		)[0];

/**
 * Returns the time since when a running container has been well, ms by the host's clock: its start, or later, when its health last changed
 * or a probe last failed. Docker keeps five probes; with fewer, the first success counts.
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
