import type { Verification } from '../runbook/check.ts';
import type { Run } from '../runbook/run.ts';
import { markCommit } from '../services/runner/commit-marks.ts';
import { markImage } from '../services/runner/image-marks.ts';
import { appendVerdict, followRun } from '../services/runner/runner.ts';
import { whoami } from './journal.ts';
import { wantsVerification } from './run-plan.ts';
import type { Session } from './session.ts';
import { verifyRun } from './verification.ts';

/** What whoever follows a run is told. */
export interface FollowHandlers {
	/** Bytes of the output, in order, each once, whatever the link does meanwhile. */
	readonly onOutput?: (bytes: Buffer, offset: number) => void;
	readonly onRun?: (run: Run) => void;
	readonly onLost?: () => void;
	readonly onLive?: () => void;
	readonly onVerification?: (verification: Verification) => void;
}

/**
 * Follows a run to its end on the host and then, where nobody has, verifies it to a verdict, which is kept with the run
 * and noted of the commit. A run whose steps did not succeed is not verified. Aborting stops following, nothing else: a
 * verdict that was reached is still noted, and this resolves afterwards.
 */
export const followToVerdict = async (
	session: Session,
	id: string,
	handlers: FollowHandlers,
	signal?: AbortSignal,
): Promise<{ readonly run: Run; readonly verification: Verification | undefined }> => {
	const { host, target } = session;
	const { onVerification, ...follow } = handlers;
	const run = await followRun(host, target, id, { ...follow, signal });
	if (!wantsVerification(run)) {
		return { run, verification: undefined };
	}
	const verification = await verifyRun(session, run, onVerification ?? (() => {}), signal);
	const verdict = {
		verdict: verification.verdict,
		at: Date.now(),
		by: whoami(),
		reason: verification.reason,
		checks: verification.checks,
	};
	// Not to be aborted: a verdict that was shown is kept, also when the operator leaves in that moment.
	await appendVerdict(host, target, id, verdict);
	const word = { verdict: verification.verdict, run: id, at: verdict.at };
	// A step may have found that what runs is not made from the commit that is checked out.
	const commit = run.facts.commit_unproven === undefined ? run.plan.expects?.commit : undefined;
	if (commit !== undefined) {
		await markCommit(host, target, { commit, ...word });
	}
	const image = run.plan.expects?.image ?? run.facts.image;
	if (image !== undefined && run.plan.expects !== undefined) {
		await markImage(host, target, { image, commit, ...word });
	}
	const verified = { ...run, verified: verdict };
	handlers.onRun?.(verified);
	return { run: verified, verification };
};
