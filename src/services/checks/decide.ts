import type { CheckState } from '../../runbook/check.ts';
import { type CheckStanding, standing, standingReason, verdictAtOnce } from './judge-checks.ts';
import type { CheckedOutcome } from './outcome.ts';

/** Interval between runs of checks while a verdict waits for them, ms. */
export const recheckEveryMs = 1000;

export interface ChecksVerdict {
	readonly verdict: CheckState;
	readonly reason: string;
}

/** The times that determine a verdict, ms; points in time are ms since the epoch. */
interface DecisionTimes {
	readonly settleMs: number;
	/** The settling time now: longer than `settleMs` when checks have failed again and again. */
	readonly settlingMs: () => number;
	readonly deadlineMs: number | undefined;
	readonly startedAt: number;
	readonly deadlineAt: number | undefined;
	/** True: each check runs once. */
	readonly oneLook: boolean;
}

/**
 * Returns a function that decides from the state of all checks: a verdict, or undefined while it has to continue. It remembers whether the
 * deadline has passed while all passed.
 */
export const createDecision = ({
	settleMs,
	settlingMs,
	deadlineMs,
	startedAt,
	deadlineAt,
	oneLook,
}: DecisionTimes): ((now: CheckStanding, all: readonly CheckedOutcome[]) => ChecksVerdict | undefined) => {
	/** Set when the deadline passes while all pass, but not long enough yet: the next failure is final. */
	let lastChance = false;

	return (now, all) => {
		const pending = all.some(({ at }) => at === 0);
		const late = deadlineAt !== undefined && Date.now() >= deadlineAt;
		if (oneLook) {
			return pending ? undefined : verdictAtOnce(now);
		}
		if (!pending && now.holdingSince !== undefined) {
			if (now.heldMs >= settlingMs()) {
				return { verdict: 'passed', reason: standingReason(now, settlingMs()) };
			}
			if (deadlineAt !== undefined && Date.now() >= deadlineAt + settlingMs() + recheckEveryMs) {
				// It is unknown since when they pass: Docker does not say when the containers were started.
				return {
					verdict: 'unknown',
					reason: `not passed within ${Math.round((deadlineMs ?? 0) / 1000)} s: ${standingReason(now, settlingMs())}`,
				};
			}
			lastChance = late;
			return undefined;
		}
		if (deadlineAt === undefined) {
			if (pending) {
				return undefined;
			}
			return { verdict: now.failed.length > 0 ? 'failed' : 'unknown', reason: standingReason(now, settleMs) };
		}
		const hopeless = all.filter(
			({ hopelessSince }) => hopelessSince !== undefined && Date.now() - Math.max(hopelessSince, startedAt) >= settleMs,
		);
		if (hopeless.length > 0 && hopeless.every(({ state }) => state === 'unknown')) {
			// Waiting cannot bring the missing proof, so that is reported after everything else has settled.
			const others = standing(
				all.filter((one) => !hopeless.includes(one)),
				startedAt,
			);
			if (all.length === hopeless.length || others.heldMs >= settleMs) {
				return { verdict: 'unknown', reason: standingReason(now, settleMs) };
			}
		} else if (hopeless.length > 0) {
			const reason = `cannot recover: ${hopeless
				.filter(({ state }) => state === 'failed')
				.map(({ title, reason }) => `${title}: ${reason}`)
				.join('; ')}`;
			return { verdict: 'failed', reason };
		}
		if (!late) {
			return undefined;
		}
		const when = lastChance ? 'did not pass' : `not passed within ${Math.round((deadlineMs ?? 0) / 1000)} s`;
		return {
			verdict: now.failed.length > 0 ? 'failed' : 'unknown',
			reason: `${when}: ${standingReason(now, settleMs)}`,
		};
	};
};
