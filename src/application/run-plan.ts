import { BackoutError } from '../runbook/errors.ts';
import type { Plan } from '../runbook/plan.ts';
import { changes, confirmationFor } from '../runbook/risk.ts';
import type { Run } from '../runbook/run.ts';
import { maskSecrets } from '../runbook/secrets.ts';
import { newRunId, startRun } from '../services/runner/runner.ts';
import { assertMayChange, whoami } from './journal.ts';
import { observe } from './observe.ts';
import { objection } from './plan.ts';
import type { Session } from './session.ts';

/** How the operator confirmed: answered `y` (or --yes), or typed this text (or --confirm TEXT). */
export interface Confirmed {
	readonly yes: boolean;
	readonly text?: string;
	readonly reason: string;
}

/** Throws `refused` unless the confirmation is the one that the plan's risk asks for. */
const assertConfirmed = (plan: Plan, { yes, text, reason }: Confirmed): void => {
	const wanted = confirmationFor(plan.risk, plan.target);
	if (wanted.kind === 'yes' && !yes) {
		throw new BackoutError('refused', `${plan.title} was not confirmed`, {
			host: plan.host,
			next: 'nothing was changed; answer y, or give --yes',
		});
	}
	if (wanted.kind === 'typed' && text !== wanted.text) {
		throw new BackoutError(
			'refused',
			text === undefined
				? `${plan.title} is ${plan.risk}: it needs the target's name typed`
				: `${JSON.stringify(text)} is not the name of this target`,
			{ host: plan.host, next: `nothing was changed; confirm with --confirm ${wanted.text} and a --reason` },
		);
	}
	if (wanted.kind === 'typed' && reason.trim() === '') {
		throw new BackoutError('refused', `${plan.title} is ${plan.risk}: it needs a reason`, {
			host: plan.host,
			next: 'nothing was changed; give one with --reason',
		});
	}
};

/**
 * Starts a confirmed plan on the host and gives the run's id. When the link is lost while it is being started, the same
 * run is asked for again once the link is back: the host starts it once. Throws `refused` (read-only target, not
 * confirmed, a precondition, the lock), and `outcome-unknown` when the link does not come back.
 */
export const startPlan = async (
	session: Session,
	plan: Plan,
	confirmed: Confirmed,
	signal?: AbortSignal,
): Promise<string> => {
	if (changes(plan)) {
		assertMayChange(session, plan.title);
	}
	assertConfirmed(plan, confirmed);
	const against = objection(plan);
	if (against !== undefined) {
		throw against;
	}
	const id = newRunId();
	const before = changes(plan) ? await observe(session, 'before', whoami(), signal) : undefined;
	signal?.throwIfAborted();
	const options = {
		plan,
		who: whoami(),
		reason: maskSecrets(confirmed.reason),
		state: session.target.state,
		limits: session.target.runs,
		id,
		before,
	};
	try {
		return (await startRun(session.host, options, signal)).id;
	} catch (error) {
		if (!(error instanceof BackoutError) || error.code !== 'outcome-unknown' || signal?.aborted === true) {
			throw error;
		}
		await session.host.ready(AbortSignal.any([AbortSignal.timeout(60_000), ...(signal ? [signal] : [])])).catch(() => {
			throw error;
		});
		return (await startRun(session.host, options, signal)).id;
	}
};

/** Whether a run that has ended still waits for somebody to verify it. */
export const wantsVerification = (run: Run): boolean =>
	run.state === 'succeeded' && run.plan.verification.checks.length > 0 && run.verified === undefined;
