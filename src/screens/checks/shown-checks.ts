import type { Verification } from '../../runbook/check.ts';
import type { FollowedRun } from '../../stores/workspace.ts';

/**
 * Returns the checks to show for a run, and a title: those of its verification in progress or just finished, else those saved with it,
 * else the current ones.
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
