import type { CheckResult, Verification } from '../../runbook/check.ts';

/** The state of all checks together at one moment. */
export interface CheckStanding {
	readonly failed: readonly CheckResult[];
	readonly unknown: readonly CheckResult[];
	/** Time since when all pass; undefined while one does not. */
	readonly holdingSince?: number;
	/** Time for which all have passed, as of the oldest result, ms. */
	readonly heldMs: number;
}

/** @param notBefore passing before this does not count, ms by this machine's clock */
export const standing = (checks: readonly CheckResult[], notBefore: number): CheckStanding => {
	const failed = checks.filter(({ state }) => state === 'failed');
	const unknown = checks.filter(({ state }) => state === 'unknown');
	if (failed.length > 0 || unknown.length > 0) {
		return { failed, unknown, heldMs: 0 };
	}
	const holdingSince = Math.max(notBefore, ...checks.map(({ passingSince, at }) => passingSince ?? at));
	const lookedAt = Math.min(...checks.map(({ at }) => at));
	return { failed, unknown, holdingSince, heldMs: Math.max(0, lookedAt - holdingSince) };
};

const named = (checks: readonly CheckResult[]): string =>
	checks.map(({ title, reason }) => `${title}: ${reason}`).join('; ');

/** Describes the state of the checks. */
export const standingReason = ({ failed, unknown, heldMs }: CheckStanding, settleMs: number): string => {
	if (failed.length > 0) {
		return named(failed);
	}
	if (unknown.length > 0) {
		return named(unknown);
	}
	const held = Math.floor(heldMs / 1000);
	return heldMs >= settleMs ? `all passed, for at least ${held} s` : `all pass, for ${held} of ${settleMs / 1000} s`;
};

/** Returns the verdict for the current state, without waiting. Neither unknown nor too recent is passed. */
export const verdictNow = (now: CheckStanding, settleMs: number): Verification['verdict'] => {
	if (now.failed.length > 0) {
		return 'failed';
	}
	return now.unknown.length === 0 && now.heldMs >= settleMs ? 'passed' : 'unknown';
};

/** Returns the verdict of a single run of each check: the current state, without a settling time. */
export const verdictAtOnce = (
	now: CheckStanding,
): { readonly verdict: Verification['verdict']; readonly reason: string } => {
	if (now.failed.length > 0) {
		return { verdict: 'failed', reason: named(now.failed) };
	}
	return now.unknown.length > 0
		? { verdict: 'unknown', reason: named(now.unknown) }
		: { verdict: 'passed', reason: 'all passed once; nothing was observed over time' };
};
