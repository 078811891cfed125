import type { CheckResult, Verification } from '../../runbook/check.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import type { Interval } from '../monitors/poll-rate.ts';
import type { Monitor } from '../monitors/poller.ts';
import type { Sink } from '../monitors/sink.ts';
import { notCheckedYet, startChecks } from './check-runner.ts';
import { standing, standingReason, verdictNow } from './judge-checks.ts';
import type { CheckContext } from './outcome.ts';

export interface WatchOptions {
	readonly checks: readonly CheckDefinition[];
	readonly settleMs: number;
	/** Default 5000. */
	readonly intervalMs?: Interval;
	/** The service that crashes again and again, if one does: what failed does not pass while that goes on. */
	readonly crashLoop?: () => { readonly service: string; readonly restarts: number } | undefined;
	/** Told with each result since when nothing that is under way mends the check, ms by this machine's clock. */
	readonly onHopeless?: (id: string, since: number | undefined) => void;
}

/** Results of one round come one by one; they are put in together: when all have come, or so long after the first. */
const gatherMs = 300;

/**
 * A result for the screen: what passes between two crashes of a service, and has failed since it crashes, goes on being
 * failed, so that no check flickers.
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
 * Keeps looking at the checks, for the dashboard. What it puts in is never final: passed means that all hold now and have
 * held for the settling time.
 */
export const watchChecks = (
	context: CheckContext,
	{ checks, settleMs, intervalMs = 5000, crashLoop, onHopeless }: WatchOptions,
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
