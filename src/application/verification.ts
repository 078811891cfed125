import type { Verification } from '../runbook/check.ts';
import type { Run } from '../runbook/run.ts';
import type { Expected } from '../services/checks/proof.ts';
import { verify } from '../services/checks/verify.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { readImageCommits } from '../services/runner/image-marks.ts';
import { checkContext } from './check-context.ts';
import { checksOf } from './checks-of.ts';
import type { Session } from './session.ts';

/** Ids of the images that a run's steps have built, by service: the facts `built.SERVICE`, or the one fact `image`. */
const builtBy = ({ plan, facts }: Run): Readonly<Record<string, string>> => ({
	...(facts.image !== undefined && plan.expects !== undefined && { [plan.expects.service]: facts.image }),
	...Object.fromEntries(
		Object.entries(facts).flatMap(([name, image]) =>
			name.startsWith('built.') ? [[name.slice('built.'.length), image]] : [],
		),
	),
});

/** What must run after a run: what its plan says, and what only its steps could know. */
const expectedAfter = ({ host, target }: Session, run: Run, signal?: AbortSignal): Expected | undefined =>
	run.plan.expects && {
		...run.plan.expects,
		built: builtBy(run),
		unproven: run.facts.commit_unproven,
		notedCommits: () => readImageCommits(host, target, signal),
	};

/** The checks after a run, to a verdict: its plan says which, for how long they must hold, and what must run. */
export const verifyRun = (
	session: Session,
	run: Run,
	onProgress: (verification: Verification) => void,
	signal?: AbortSignal,
): Promise<Verification> => {
	const record = debugLog()?.checks(run.id);
	const { checks, settleSeconds, deadlineSeconds } = run.plan.verification;
	// By the clock here; and whatever was done to the host's clock, the run has ended.
	const endedAt = Math.min(session.docker.clock.toLocal(run.endedAt ?? Date.now()), Date.now());
	const expects = expectedAfter(session, run, signal);
	return verify(
		{ ...checkContext(session), services: expects === undefined ? [] : [expects.service] },
		{
			checks: checksOf(session.target, checks),
			settleMs: settleSeconds * 1000,
			deadlineMs: deadlineSeconds * 1000,
			// What held before the last step ended says nothing of what it did.
			since: run.plan.steps.length === 0 ? undefined : endedAt,
			expects,
			onProgress: (verification) => {
				record?.(verification);
				onProgress(verification);
			},
			signal,
		},
	);
};
