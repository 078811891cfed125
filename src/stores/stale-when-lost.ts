import type { CheckResult, Verification } from '../runbook/check.ts';
import type { LinkState } from '../runbook/link.ts';
import type { Reading } from '../runbook/reading.ts';
import type { Readable } from './store.ts';
import type { FollowedLog, Readings, Workspace } from './workspace.ts';

/** True when nothing that was read over a link can still be relied on. */
const isLost = ({ status }: LinkState): boolean => ['reconnecting', 'refused', 'closed'].includes(status);

/** Returns a store that shows another value while the link is lost; the same object each time, so that nothing is drawn needlessly. */
const whileLost = <T>(store: Readable<T>, link: Readable<LinkState>, changed: (value: T) => T): Readable<T> => {
	let from: T | undefined;
	let to: T | undefined;
	return {
		get: () => {
			const value = store.get();
			if (!isLost(link.get())) {
				return value;
			}
			if (from !== value || to === undefined) {
				from = value;
				to = changed(value);
			}
			return to;
		},
		subscribe: (listener) => {
			let lost = isLost(link.get());
			const ends = [
				store.subscribe(listener),
				link.subscribe(() => {
					if (isLost(link.get()) !== lost) {
						lost = !lost;
						listener();
					}
				}),
			];
			return () => {
				for (const end of ends) {
					end();
				}
			};
		},
	};
};

/** Returns a reading that is stale, however young it is. */
const stale = <T>(reading: Reading<T>): Reading<T> => ({ ...reading, maxAgeMs: Number.NEGATIVE_INFINITY });

const unknownNow = (check: CheckResult): CheckResult =>
	check.state === 'unknown'
		? check
		: {
				...check,
				state: 'unknown',
				reason: `link lost; ${check.state} before: ${check.reason}`,
				passingSince: undefined,
			};

const unknown = (verification: Verification | undefined): Verification | undefined =>
	verification && {
		...verification,
		verdict: 'unknown',
		checks: verification.checks.map(unknownNow),
		holdingSince: undefined,
	};

/** One of several readings of a monitor. */
interface Listed {
	readonly reading: Readable<Reading<unknown>>;
}

const isList = (store: Readable<unknown> | readonly Listed[]): store is readonly Listed[] => Array.isArray(store);

/**
 * Returns the readings for a screen: while the link is lost all of them are stale and every check is unknown, from the moment the link says
 * so. So header and panels never contradict each other.
 */
const staleReadings = (readings: Readings): Readings => {
	const { link, verification, lock, runs, runsMissing, suggestion, ...monitored } = readings;
	const old = <T>(store: Readable<Reading<T>>) => whileLost(store, link, stale);
	// Whatever monitors there are: a reading that is left out would look as if it were known.
	const all = Object.entries(monitored as Readonly<Record<string, Readable<Reading<unknown>> | readonly Listed[]>>);
	return {
		...(Object.fromEntries(
			all.map(([name, store]) => [
				name,
				isList(store) ? store.map((one) => ({ ...one, reading: old(one.reading) })) : old(store),
			]),
		) as unknown as typeof monitored),
		link,
		lock,
		runs,
		runsMissing,
		suggestion,
		verification: whileLost(verification, link, unknown),
	};
};

/** Returns a target's workspace for a screen: its readings, and the state of followed logs. */
export const staleWhenLost = (workspace: Workspace): Workspace => ({
	...workspace,
	readings: staleReadings(workspace.readings),
	// All other actions are the workspace's own.
	actions: Object.assign(Object.create(workspace.actions) as Workspace['actions'], {
		followLog: (service: string): FollowedLog => {
			const log = workspace.actions.followLog(service);
			const lost = (now: { readonly status: 'live' | 'ended' | 'lost' }) =>
				now.status === 'live' ? { ...now, status: 'lost' as const } : now;
			return { ...log, status: whileLost(log.status, workspace.readings.link, lost) };
		},
	}),
});
