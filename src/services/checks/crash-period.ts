import type { Instance } from '../../engine/instance.ts';
import { type EventRecord, noRecord, readEventRecord } from './event-record.ts';
import type { CheckContext } from './outcome.ts';

/** A service that crashes less often than this cannot be waited for, ms: its period is said, and nothing more. */
export const longestPeriodMs = 600_000;

/** How often a service was seen to crash. */
export interface CrashPeriod {
	readonly service: string;
	/** From one start to the next, ms: the longest seen, Docker's pause before it starts a container again included. */
	readonly periodMs: number;
}

/**
 * From one start of a container to the next, ms: the longest that Docker's events have, or the average since it was
 * created, which is longer than the newest where the pauses grow. Undefined where it has not crashed.
 */
export const crashPeriodOf = (
	{ service, restarts, createdAt, startedAt }: Instance,
	record: EventRecord,
): number | undefined => {
	const average = restarts > 0 && startedAt !== undefined ? (startedAt - createdAt) / restarts : 0;
	const longest = Math.max(0, average, ...(record.crashPeriodsMs.get(service) ?? []));
	return longest > 0 ? longest : undefined;
};

/**
 * The longest period of each service that crashes, those left out that crash too seldom to be waited for.
 *
 * @param hostNow ms by the host's clock
 */
export const crashPeriods = (
	containers: readonly Instance[],
	record: EventRecord,
	hostNow: number,
): readonly CrashPeriod[] => {
	const periods = new Map<string, number>();
	const note = (service: string, periodMs: number | undefined) => {
		if (periodMs !== undefined && periodMs <= longestPeriodMs) {
			periods.set(service, Math.max(periods.get(service) ?? 0, periodMs));
		}
	};
	for (const details of containers) {
		const periodMs = crashPeriodOf(details, record) ?? 0;
		// What has been up for ten times as long crashes no more: it had waited for another service, for example.
		const isOver = hostNow - (details.startedAt ?? hostNow) > Math.max(longestPeriodMs, 10 * periodMs);
		note(details.service, isOver || periodMs === 0 ? undefined : periodMs);
	}
	// Of containers that are gone, too.
	for (const [service, all] of record.crashPeriodsMs) {
		note(service, Math.max(...all.filter((periodMs) => periodMs <= longestPeriodMs)));
	}
	return [...periods]
		.filter(([, periodMs]) => periodMs > 0)
		.map(([service, periodMs]) => ({ service, periodMs }))
		.toSorted((a, b) => b.periodMs - a.periodMs);
};

/** What the host itself says of how long a deployment has to be watched. */
export interface Settling {
	/** The longest period of a service that was seen to crash, and the service. */
	readonly crash?: CrashPeriod;
}

/**
 * Reads from the host how long a verification must watch: longer than the services take to crash. A health check's start
 * period is no such time: a service that is healthy has done its first work. The containers that say so are gone after a rollback: it is asked for when a plan is made.
 * Rejects with a BackoutError where Docker does not answer, or with the signal's reason.
 */
export const readSettling = async (
	{ engine, instances }: Pick<CheckContext, 'engine' | 'instances'>,
	signal?: AbortSignal,
): Promise<Settling> => {
	let record = Promise.resolve(noRecord);
	const containers = await instances.takeAll(signal, () => {
		// The host's clock is known now.
		record = readEventRecord(engine, signal).catch(() => noRecord);
	});
	signal?.throwIfAborted();
	return { crash: crashPeriods(containers, await record, engine.clock.now())[0] };
};

const inSeconds = (ms: number): number => Math.ceil(ms / 1000);

/**
 * The settling time that is longer than what was seen, and why.
 *
 * @param asked what the runbook asks for, s
 */
export const settlingTime = (
	asked: number,
	{ crash }: Settling,
): { readonly seconds: number; readonly why?: string } => {
	if (crash === undefined) {
		return { seconds: asked };
	}
	// A quarter more: no two periods are alike.
	const wanted = inSeconds(crash.periodMs * 1.25) + 5;
	return wanted > asked
		? { seconds: wanted, why: `${crash.service} crashed about every ${inSeconds(crash.periodMs)} s` }
		: { seconds: asked };
};
