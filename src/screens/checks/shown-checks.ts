import type { Verification } from '../../runbook/check.ts';
import type { FollowedRun } from '../../stores/workspace.ts';

/**
 * The checks to show for a run, and what they are: those of its verification under way or just done, else those that
 * were kept with it, else the checks as they stand.
 */
export const shownChecks = (
	followed: FollowedRun | undefined,
	standing: Verification | undefined,
): { readonly title: string; readonly verification: Verification | undefined } => {
	const own = followed?.verification.get();
	if (own !== undefined) {
		return { title: 'Verification', verification: own };
	}
	const kept = followed?.run.get().verified;
	if (kept !== undefined && kept.checks.length > 0) {
		const { verdict, reason, checks, at } = kept;
		return {
			title: 'Verification',
			verification: { verdict, reason, checks, final: true, startedAt: at, settleSeconds: 0 },
		};
	}
	return { title: 'Checks now', verification: standing };
};
