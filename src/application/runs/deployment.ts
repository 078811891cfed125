import { BackoutError } from '../../runbook/errors.ts';
import { type Plan, preconditionStepId } from '../../runbook/plan.ts';
import type { ProcedureDefinition } from '../../runbook/runbook.ts';
import { restorePointId } from '../../services/runner/restore-point/restore-point.ts';
import { readRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { deployedBlock } from '../plans/deployed-again.ts';
import { objection, procedureOf } from '../plans/make-plan.ts';
import { planFor } from '../plans/plan-for.ts';
import { assertMayChange, listJournal } from './journal.ts';
import { failedBefore } from './note-verdict.ts';
import type { Guarded } from './prepare-guard.ts';

/** A deployment and what comes before it, planned together. */
export interface Deployment {
	/** The plan of the checklist; undefined if there is none. */
	readonly checklist: Plan | undefined;
	readonly plan: Plan;
}

/**
 * Plans a deployment, and the checklist before it. Changes nothing. Throws `refused` if one of them must not start, and what `makePlan`
 * throws.
 */
export const planDeployment = async (
	session: Session,
	procedure: ProcedureDefinition,
	given: Readonly<Record<string, string>>,
	signal: AbortSignal,
): Promise<Deployment> => {
	assertMayChange(session, procedure.title);
	const { checklist: id } = procedure;
	const [checklist, plan] = await Promise.all([
		id === undefined ? undefined : planFor(session, procedureOf(session.target, id).id, {}, { signal }),
		planFor(session, procedure.id, given, { signal }),
	]);
	for (const one of checklist === undefined ? [plan] : [checklist, plan]) {
		const against = objection(one);
		if (against !== undefined) {
			throw new BackoutError('refused', `${one.title}: ${against.message}`, { host: one.host, next: against.next });
		}
	}
	return { checklist, plan };
};

/** The next move after the run of a deployment: watch it, undo it, nothing, or leave it to the operator. */
export type AfterDeployment =
	| { readonly next: 'watch' }
	| { readonly next: 'undo'; readonly why: string }
	/** Nothing was deployed. */
	| { readonly next: 'nothing'; readonly why: string }
	| { readonly next: 'leave'; readonly why: string };

/**
 * Judges the run of a deployment. A step or a check that failed is a reason to undo it; checks that had failed before in the same way, and
 * anything that is not known, are none.
 */
export const judgeDeployment = async (session: Session, id: string, signal: AbortSignal): Promise<AfterDeployment> => {
	const run = await readRun(session.host, session.target, id, signal);
	const { verified } = run;
	switch (run.state) {
		case 'failed':
		case 'timed-out': {
			const step = run.steps.find(({ state }) => state === 'failed' || state === 'timed-out');
			const at = step?.id ?? 'unknown';
			if ([preconditionStepId, restorePointId].includes(at)) {
				return { next: 'nothing', why: `failed at step ${at}, before the deployment` };
			}
			const blocked = run.facts.blocked_version;
			if (blocked !== undefined) {
				return { next: 'undo', why: `a blocked version is deployed: ${blocked}` };
			}
			return { next: 'undo', why: `${run.state === 'failed' ? 'failed' : 'timed out'} at step ${at}` };
		}
		case 'succeeded':
			if (run.plan.verification.checks.length === 0 || verified?.verdict === 'passed') {
				// A verified version is free again, unless its commit is not known: then its images still are.
				const blocked = verified === undefined ? await deployedBlock(session, signal) : undefined;
				return blocked === undefined
					? { next: 'watch' }
					: { next: 'undo', why: `it has deployed a blocked version: ${blocked}` };
			}
			if (verified?.verdict === 'failed' && !failedBefore(run, { checks: verified.checks ?? [] })) {
				return { next: 'undo', why: `verification failed: ${verified.reason}` };
			}
			return {
				next: 'leave',
				why:
					verified?.verdict === 'failed'
						? `the same checks had failed before: ${verified.reason}`
						: `not verified: ${verified?.reason ?? 'no verdict'}`,
			};
		default:
			return { next: 'leave', why: `the run is ${run.state}` };
	}
};

/** Returns what runs: the container of each service, and when it was created. A restart changes neither. */
const readContainers = async (session: Session, signal: AbortSignal): Promise<string> =>
	(await session.instances.takeAll(signal))
		.map(({ name, createdAt }) => `${name} of ${new Date(createdAt).toISOString()}`)
		.sort()
		.join(', ');

/** Returns what a guard of a deployment needs: it stands down if another run or other containers have come since. */
export const guardDeployment = async (
	session: Session,
	plan: Plan,
	id: string,
	signal: AbortSignal,
): Promise<Guarded> => {
	const readCurrent = (now: AbortSignal) => readContainers(session, now);
	const [current, runs] = await Promise.all([readCurrent(signal), listJournal(session, signal)]);
	const own = runs.find((run) => run.id === id);
	// Whatever came after the deployment makes it another one.
	const known = runs.filter((run) => run.id === id || own === undefined || run.startedAt <= own.startedAt);
	return { plan, current, readCurrent, runs: new Set(known.map((run) => run.id)), byHand: `backout undo ${id}` };
};
