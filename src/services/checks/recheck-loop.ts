import type { CheckResult, Verification } from '../../runbook/check.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import type { Interval } from '../monitors/poll-rate.ts';
import type { Monitor } from '../monitors/poller.ts';
import type { Sink } from '../monitors/sink.ts';
import { type CheckRunnerOptions, notCheckedYet, startChecks } from './check-runner.ts';
import { standing, standingReason, verdictNow } from './judge-checks.ts';
import type { CheckContext } from './outcome.ts';

export interface WatchOptions {
	readonly checks: readonly CheckDefinition[];
	readonly settleMs: number;
	/** Default 5000. */
	readonly intervalMs?: Interval;
	readonly onlyStates?: CheckRunnerOptions['onlyStates'];
	/** The crashing service, if there is one: meanwhile a failed check does not pass. */
	readonly crashLoop?: () => { readonly service: string; readonly restarts: number } | undefined;
	/** Called with each result and the time since when nothing in progress can make the check pass, ms by this machine's clock. */
	readonly onHopeless?: (id: string, since: number | undefined) => void;
}

/** Results of one round arrive one by one; they are shown together: when all have arrived, or this long after the first, ms. */
const gatherMs = 300;

/**
 * Returns a result for the screen: a check that has failed since a service began to crash stays failed between two crashes, so that it does
 * not flicker.
 */
const steadied = (
	result: CheckResult,
	before: CheckResult | undefined,
	crashLoop: WatchOptions['crashLoop'],
): CheckResult => {
	const loop = result.state === 'passed' && before?.state === 'failed' ? crashLoop?.() : undefined;
	return loop === undefined
		? result
		: {
				...result,
				state: 'failed',
				reason: `passes only between crashes: ${loop.service} was restarted ${loop.restarts} times`,
				passingSince: undefined,
			};
};

/**
 * Keeps running the checks, for the dashboard. Its verification is never final: passed means that all pass now and have passed for the
 * settling time.
 */
export const watchChecks = (
	context: CheckContext,
	{ checks, settleMs, intervalMs = 5000, onlyStates, crashLoop, onHopeless }: WatchOptions,
	sink: Sink<Verification | undefined>,
): Monitor => {
	const startedAt = Date.now();
	const results = new Map<string, CheckResult>(checks.map((check) => [check.id, notCheckedYet(check)]));
	const came = new Set<string>();
	let timer: NodeJS.Timeout | undefined;

	const put = () => {
		clearTimeout(timer);
		timer = undefined;
		came.clear();
		const all = [...results.values()];
		const now = standing(all, 0);
		sink.set({
			verdict: verdictNow(now, settleMs),
			final: false,
			checks: all,
			startedAt,
			settleSeconds: settleMs / 1000,
			holdingSince: now.holdingSince,
			reason: standingReason(now, settleMs),
		});
	};
	const looks = startChecks(context, {
		checks,
		intervalMs,
		reuse: true,
		onlyStates,
		onResult: ({ hopelessSince, proven: _, ...result }) => {
			onHopeless?.(result.id, hopelessSince);
			results.set(result.id, steadied(result, results.get(result.id), crashLoop));
			came.add(result.id);
			if (came.size === checks.length) {
				put();
			} else {
				timer ??= setTimeout(put, gatherMs);
			}
		},
	});
	return {
		refresh: () => looks.refresh(),
		stop: () => {
			looks.stop();
			clearTimeout(timer);
		},
	};
};
