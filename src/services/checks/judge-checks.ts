import type { CheckResult, Verification } from '../../runbook/check.ts';

/** How all checks are at one moment. */
export interface CheckStanding {
	readonly failed: readonly CheckResult[];
	readonly unknown: readonly CheckResult[];
	/** Since when all hold; undefined while one does not. */
	readonly holdingSince?: number;
	/** For how long all have held, as seen at the oldest of the looks. */
	readonly heldMs: number;
}

/** @param notBefore what held before it does not count, ms by this machine's clock. */
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

/** The words for how the checks stand. */
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

/** The verdict that the checks give as they stand, without waiting. Unknown is not passed, and neither is too young. */
export const verdictNow = (now: CheckStanding, settleMs: number): Verification['verdict'] => {
	if (now.failed.length > 0) {
		return 'failed';
	}
	return now.unknown.length === 0 && now.heldMs >= settleMs ? 'passed' : 'unknown';
};

/** The verdict of one look: how the checks are at this moment, and nothing of how long they have been so. */
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
