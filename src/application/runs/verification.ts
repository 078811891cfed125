import type { Verification } from '../../runbook/check.ts';
import type { Run } from '../../runbook/run.ts';
import { readSettling, settlingTime } from '../../services/checks/crash-period.ts';
import type { Expected } from '../../services/checks/proof.ts';
import { verify } from '../../services/checks/verify.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { readImageCommits } from '../../services/runner/known-good/images.ts';
import type { Session } from '../fleet/session.ts';
import { checkContext } from '../watching/check-context.ts';
import { checksOf } from '../watching/checks-of.ts';
import { measuredBefore } from '../watching/measured-before.ts';
import { ranBefore } from './not-well-before.ts';

/** Returns the ids of images that a run's steps have built, by service: the facts `built.SERVICE`, or the one fact `image`. */
const builtBy = ({ plan, facts }: Run): Readonly<Record<string, string>> => ({
	...(facts.image !== undefined && plan.expects !== undefined && { [plan.expects.service]: facts.image }),
	...Object.fromEntries(
		Object.entries(facts).flatMap(([name, image]) =>
			name.startsWith('built.') ? [[name.slice('built.'.length), image]] : [],
		),
	),
});

/** Returns what must run after a run: the expectations of its plan, and facts that only its steps could know. */
const expectedAfter = ({ host, target }: Session, run: Run, signal?: AbortSignal): Expected | undefined =>
	run.plan.expects && {
		...run.plan.expects,
		built: builtBy(run),
		unproven: run.facts.commit_unproven,
		notedCommits: () => readImageCommits(host, target, signal),
	};

/**
 * Returns the settling time: as asked, or longer if services were seen to crash less often, or are given more time to start. If the host
 * cannot be asked, nothing changes; the checks will report it.
 *
 * @param seconds the settling time of the runbook or the plan
 */
export const settleFor = async (session: Session, seconds: number, signal?: AbortSignal): Promise<number> => {
	const seen = await readSettling(session, signal).catch(() => {
		signal?.throwIfAborted();
		return {};
	});
	return settlingTime(seconds, seen).seconds;
};

/**
 * Adds to a passed undo that the restored state was not well, if so, which newer things it has kept, and which jobs it has not run again.
 *
 * @param facts of its steps: `kept_since` is `volume shop_data`, `not_run_again` has names of services
 */
const asItWas = (
	verification: Verification,
	notWellBefore: readonly string[] = [],
	{ kept_since: kept = '', not_run_again: jobs = '' }: Run['facts'],
): Verification => {
	const remarks = [
		...(kept === '' ? [] : [`; kept, though it did not exist before: ${kept}`]),
		...(jobs === '' ? [] : [`; not run again, though the undone run had run it in another version: ${jobs}`]),
	];
	if (
		!verification.final ||
		verification.verdict !== 'passed' ||
		(notWellBefore.length === 0 && remarks.length === 0)
	) {
		return verification;
	}
	const unhealthy = notWellBefore.length === 0 ? '' : `, which was unhealthy: ${notWellBefore.join('; ')}`;
	return { ...verification, reason: `everything is as it was before${unhealthy}${remarks.join('')}` };
};

/** Runs the checks after a run, to a verdict: its plan says which checks, the settling time, and what must run. */
export const verifyRun = async (
	session: Session,
	run: Run,
	onProgress: (verification: Verification) => void,
	signal?: AbortSignal,
): Promise<Verification> => {
	const record = debugLog()?.checks(run.id);
	const { settleSeconds, deadlineSeconds, notWellBefore, failedBefore = [] } = run.plan.verification;
	const checks = run.plan.verification.checks.filter((id) => !failedBefore.includes(id));
	// By the clock here; whatever happened to the host's clock, the run has ended by now.
	const endedAt = Math.min(session.engine.clock.toLocal(run.endedAt ?? Date.now()), Date.now());
	const expects = expectedAfter(session, run, signal);
	const settle = await settleFor(session, settleSeconds, signal);
	const verification = await verify(
		{
			...checkContext(session),
			measuredBefore: measuredBefore(session, run),
			services: expects === undefined ? [] : [expects.service],
			ranBefore: ranBefore(run.plan),
			facts: run.facts,
		},
		{
			checks: checksOf(session.target, checks),
			settleMs: settle * 1000,
			deadlineMs: (deadlineSeconds + settle - settleSeconds) * 1000,
			// A check that passed before the last step ended proves nothing about it.
			since: run.plan.steps.length === 0 ? undefined : endedAt,
			expects,
			onProgress: (verification) => {
				const said = asItWas(verification, notWellBefore, run.facts);
				record?.(said);
				onProgress(said);
			},
			signal,
		},
	);
	return asItWas(verification, notWellBefore, run.facts);
};
