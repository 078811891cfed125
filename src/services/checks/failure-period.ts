import { longestPeriodMs } from './crash-period.ts';
import type { CheckStanding } from './judge-checks.ts';

/** Tracks how often checks that passed failed again during a verification. */
export interface FailurePeriod {
	/** Records the state of all checks. */
	note(standing: CheckStanding): void;
	/**
	 * Returns the settling time, ms: the one asked for, or a quarter and five seconds more than the longest observed time from one failure
	 * to the next. What fails every other time passes all checks for a short settling time sooner or later.
	 */
	settleMs(): number;
}

/**
 * @param askedMs the runbook's settling time, ms
 * @param now ms; the clock of this machine
 */
export const createFailurePeriod = (askedMs: number, now: () => number = Date.now): FailurePeriod => {
	let passed = false;
	let failedAt: number | undefined;
	let longestMs = 0;
	return {
		note: ({ holdingSince, failed }) => {
			if (holdingSince !== undefined) {
				passed = true;
			} else if (passed && failed.length > 0) {
				passed = false;
				const at = now();
				longestMs = failedAt === undefined ? longestMs : Math.max(longestMs, at - failedAt);
				failedAt = at;
			}
		},
		settleMs: () =>
			longestMs === 0
				? askedMs
				: Math.max(askedMs, Math.min(longestPeriodMs, Math.ceil(longestMs / 800) * 1000 + 5000)),
	};
};
