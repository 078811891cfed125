import type { Instance } from '../../engine/instance.ts';
import { type EventRecord, noRecord, readEventRecord } from './event-record.ts';
import type { CheckContext } from './outcome.ts';

/** Longest crash period that can be waited for, ms: a longer one is reported, and nothing more. */
export const longestPeriodMs = 600_000;

/** The observed interval of a service's crashes. */
export interface CrashPeriod {
	readonly service: string;
	/** From one start to the next, ms: the longest observed, including Docker's pause before a restart. */
	readonly periodMs: number;
}

/**
 * Returns the time from one start of a container to the next, ms: the longest in Docker's events, or the average since it was created,
 * which is longer than the newest if the pauses grow. Undefined if it has not crashed.
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
 * Returns the longest period of each crashing service, without those that crash too rarely to be waited for.
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
		// A container that has been up for ten times as long no longer crashes: perhaps it had waited for another service.
		const isOver = hostNow - (details.startedAt ?? hostNow) > Math.max(longestPeriodMs, 10 * periodMs);
		note(details.service, isOver || periodMs === 0 ? undefined : periodMs);
	}
	// Includes containers that are gone.
	for (const [service, all] of record.crashPeriodsMs) {
		note(service, Math.max(...all.filter((periodMs) => periodMs <= longestPeriodMs)));
	}
	return [...periods]
		.filter(([, periodMs]) => periodMs > 0)
		.map(([service, periodMs]) => ({ service, periodMs }))
		.toSorted((a, b) => b.periodMs - a.periodMs);
};

/** The host's own data on how long a deployment has to be watched. */
export interface Settling {
	/** The longest observed crash period, with its service. */
	readonly crash?: CrashPeriod;
}

/**
 * Reads from the host how long a verification must watch: longer than the services take to crash. A health check's start period does not
 * count: a healthy service has done its first work. The containers with these data are gone after a rollback, so they are read when a plan
 * is made. Rejects with a BackoutError when Docker does not answer, or with the signal's reason.
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
 * Returns a settling time longer than the observed period, and why.
 *
 * @param asked the runbook's settling time, s
 */
export const settlingTime = (
	asked: number,
	{ crash }: Settling,
): { readonly seconds: number; readonly why?: string } => {
	if (crash === undefined) {
		return { seconds: asked };
	}
	// A quarter more, as periods vary.
	const wanted = inSeconds(crash.periodMs * 1.25) + 5;
	return wanted > asked
		? { seconds: wanted, why: `${crash.service} crashed about every ${inSeconds(crash.periodMs)} s` }
		: { seconds: asked };
};
