import { BackoutError } from '../../runbook/errors.ts';
import { isInterrupted, watchStepId } from '../../runbook/guard-run.ts';
import type { Plan } from '../../runbook/plan.ts';
import type { Run, RunSummary } from '../../runbook/run.ts';
import { readWatchedMs } from '../../services/runner/client/read-progress.ts';
import { readRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { refuseBlocked } from '../plans/blocked-version.ts';
import { assertMayChange, listJournal } from './journal.ts';

/** True for a run whose record has to be read to know whether it is a guard that was interrupted. */
export const mayBeInterrupted = ({ guard, state, node }: RunSummary): boolean =>
	guard === true && node === undefined && (state === 'lost' || state === 'cancelled');

/**
 * Returns the newest guard on the host that was interrupted and that no other run goes on with; undefined if there is none.
 *
 * @param runs the journal, newest first
 */
export const findInterrupted = async (
	{ host, target }: Session,
	runs: readonly RunSummary[],
	signal: AbortSignal,
): Promise<Run | undefined> => {
	const changing = new Set(target.runbook.procedures.flatMap(({ id, risk }) => (risk === 'read-only' ? [] : [id])));
	// After a later guard, or a change, it has nothing more to watch.
	const newest = runs.find(({ procedure, guard }) => guard === true || changing.has(procedure) || procedure === 'undo');
	const lost = newest !== undefined && mayBeInterrupted(newest) ? newest : undefined;
	if (lost === undefined || runs.some(({ from }) => from === lost.id)) {
		return undefined;
	}
	const run = await readRun(host, target, lost.id, signal);
	return isInterrupted(run) ? run : undefined;
};

const refused = (session: Session, run: Run, why: string, next: string): BackoutError =>
	new BackoutError('refused', `run ${run.id} (${run.plan.title}) cannot be gone on with: ${why}`, {
		host: session.host.name,
		run: run.id,
		next,
	});

/**
 * Plans a guard on the host that takes over from an interrupted one: the same checks, the same rollback, compared with the deployment that
 * the interrupted one found, for the time that is left. Changes nothing. Throws `refused` for any other run, and when another run has taken
 * over already.
 */
export const planResumed = async (
	session: Session,
	run: Run,
	signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly leftSeconds: number }> => {
	const { host, target } = session;
	assertMayChange(session, 'a guard');
	const { guard } = run.plan;
	if (guard === undefined || !isInterrupted(run)) {
		throw refused(
			session,
			run,
			guard === undefined ? 'it is no guard on the host' : 'it was not interrupted while it watched',
			`nothing was changed; \`backout attach ${run.id}\` shows what it came to`,
		);
	}
	const [runs, watchedMs] = await Promise.all([
		listJournal(session, signal),
		readWatchedMs(host, target, run.id, signal),
	]);
	const successor = runs.find(({ from }) => from === run.id);
	if (successor !== undefined) {
		throw refused(
			session,
			run,
			`run ${successor.id} goes on with it already`,
			`nothing was changed; \`backout attach ${successor.id}\` follows that one`,
		);
	}
	const plan: Plan = {
		...run.plan,
		target: target.name,
		host: host.name,
		madeAt: Date.now(),
		environment: {
			...run.plan.environment,
			guard_resumes: run.id,
			guard_since: run.plan.environment.guard_since ?? run.id,
		},
		retryOf: { run: run.id, title: guard.procedure, step: watchStepId },
	};
	return {
		plan: await refuseBlocked(session, Promise.resolve(plan), { allowed: plan.allowed ?? [], signal }),
		leftSeconds: Math.max(0, guard.forSeconds - Math.round(watchedMs / 1000)),
	};
};
