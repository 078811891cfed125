import type { Verification } from '../runbook/check.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { Run } from '../runbook/run.ts';
import type { CheckDefinition, Target } from '../runbook/runbook.ts';
import type { Expected } from '../services/checks/proof.ts';
import { verify } from '../services/checks/verify.ts';
import { readImageCommits } from '../services/runner/image-marks.ts';
import type { Session } from './session.ts';

/** The definitions of checks by id, in the order asked for. Throws `usage` with the known ids. */
export const checksOf = (target: Target, ids: readonly string[]): readonly CheckDefinition[] =>
	ids.map((id) => {
		const found = target.runbook.checks.find((check) => check.id === id);
		if (found === undefined) {
			throw new BackoutError('usage', `the runbook of ${target.name} has no check ${JSON.stringify(id)}`, {
				next: `it has: ${target.runbook.checks.map((check) => check.id).join(', ')}`,
			});
		}
		return found;
	});

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
	const { checks, settleSeconds, deadlineSeconds } = run.plan.verification;
	// By the clock here; and whatever was done to the host's clock, the run has ended.
	const endedAt = Math.min(session.docker.clock.toLocal(run.endedAt ?? Date.now()), Date.now());
	const expects = expectedAfter(session, run, signal);
	return verify(
		{
			docker: session.docker,
			target: session.target,
			services: expects === undefined ? [] : [expects.service],
		},
		{
			checks: checksOf(session.target, checks),
			settleMs: settleSeconds * 1000,
			deadlineMs: deadlineSeconds * 1000,
			// What held before the last step ended says nothing of what it did.
			since: run.plan.steps.length === 0 ? undefined : endedAt,
			expects,
			onProgress,
			signal,
		},
	);
};
