import type { Verification } from '../runbook/check.ts';
import type { Run } from '../runbook/run.ts';
import { verify } from '../services/checks/verify.ts';
import { checkContext } from './check-context.ts';
import { checksOf } from './checks-of.ts';
import type { Session } from './session.ts';

/** The checks after a run, to a verdict: its plan says which, for how long they must hold, and what must run. */
export const verifyRun = (
	session: Session,
	run: Run,
	onProgress: (verification: Verification) => void,
	signal?: AbortSignal,
): Promise<Verification> => {
	const { checks, settleSeconds, deadlineSeconds } = run.plan.verification;
	// By the clock here; and whatever was done to the host's clock, the run has ended.
	const endedAt = Math.min(session.docker.clock.toLocal(run.endedAt ?? Date.now()), Date.now());
	return verify(checkContext(session), {
		checks: checksOf(session.target, checks),
		settleMs: settleSeconds * 1000,
		deadlineMs: deadlineSeconds * 1000,
		// What held before the last step ended says nothing of what it did.
		since: run.plan.steps.length === 0 ? undefined : endedAt,
		...(run.plan.expects !== undefined && {
			// The plan names the image that was chosen; one that was built is known only afterwards.
			expects: { ...run.plan.expects, image: run.plan.expects.image ?? run.facts.image },
		}),
		onProgress,
		signal,
	});
};
