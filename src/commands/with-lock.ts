import { planWithLock } from '../application/plans/with-lock.ts';
import { assertNoneBeingVerified } from '../application/runs/being-verified.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { durationOf } from './duration-option.ts';
import { runPlan } from './run.ts';
import { type LockOptions, waitForLock } from './wait-for-lock.ts';

export interface WithLockCommandOptions extends LockOptions {
	/** A duration: the time limit of the command. */
	readonly timeout: string;
	readonly reason?: string;
	readonly verify?: boolean;
	/** False: `--no-restore-point`. */
	readonly restorePoint: boolean;
}

/**
 * `backout with-lock`: runs a command on the host as a run: under the lock, with its output in the journal. Giving the command confirms it.
 */
export const withLock = (
	globals: GlobalOptions,
	command: readonly string[],
	options: WithLockCommandOptions,
): Promise<number> =>
	withSession(globals, async (session, signal) => {
		const timeoutMs = durationOf('--timeout', options.timeout);
		const verify = options.verify === true ? session.target.runbook.verification.checks : [];
		const { reason = '', restorePoint, json = false } = options;
		return waitForLock(
			session,
			options,
			async () => {
				await assertNoneBeingVerified(session, signal);
				const plan = await planWithLock(session, command, { timeoutMs, verify, restorePoint, signal });
				return runPlan(session, plan, { yes: true, reason, json }, signal);
			},
			signal,
		);
	});
