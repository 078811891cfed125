import { guardEndOf, isInterrupted } from '../runbook/guard-run.ts';
import type { Run } from '../runbook/run.ts';
import type { Output } from './output/events.ts';
import { bold, glyph, masked, print, printJson, safe } from './print.ts';

export type GuardOutcome = Extract<Output, { type: 'guarded' }>['outcome'];

/** The outcome of a guard, with its exit code. */
export interface GuardResult {
	readonly outcome: GuardOutcome;
	readonly exitCode: number;
}

/** Returns the outcome of the run that rolled back, by its exit code. The service may be well again; the deployment was not. */
export const afterRollback = (runCode: number): GuardResult => {
	switch (runCode) {
		case 0:
			return { outcome: 'rolled-back', exitCode: 1 };
		case 4:
			return { outcome: 'rollback-refused', exitCode: 4 };
		case 5:
			return { outcome: 'rollback-unverified', exitCode: 5 };
		case 6:
			return { outcome: 'rollback-unknown', exitCode: 6 };
		default:
			return { outcome: 'rollback-failed', exitCode: runCode };
	}
};

/**
 * Returns the outcome of a guard on the host.
 *
 * @param runCode the exit code of its run, as of any other
 */
export const outcomeOfGuard = (run: Run, runCode: number): GuardResult => {
	switch (guardEndOf(run)?.end) {
		case 'well':
			return { outcome: 'well', exitCode: 0 };
		case 'failing':
			return { outcome: 'failing', exitCode: 1 };
		case 'stood-down':
			return { outcome: 'stood-down', exitCode: 4 };
		case 'acts':
			return afterRollback(runCode);
		default:
			// It was cancelled, or it is not known how it ended; it has changed nothing.
			return { outcome: 'unknown', exitCode: runCode === 130 && !isInterrupted(run) ? 130 : 6 };
	}
};

export const guardConclusions: Readonly<Record<GuardOutcome, string>> = {
	well: 'healthy until the end',
	failing: 'unhealthy at the end, but not for long enough to roll back',
	unknown: 'the state is unknown: nothing was rolled back',
	'stood-down': 'the guard stood down, and has changed nothing',
	'rolled-back': 'the deployment failed; rolled back and verified',
	'rollback-refused': 'the deployment failed, and a precondition of the rollback was not met: nothing was changed',
	'rollback-unverified': 'the deployment failed; rolled back, but verification did not pass',
	'rollback-unknown': 'the deployment failed; the outcome of the rollback is unknown',
	'rollback-failed': 'the deployment failed, and so did the rollback',
};

/** Prints the outcome as the last line, and returns the exit code. */
export const concludeGuard = (
	json: boolean,
	{
		outcome,
		exitCode,
		reason,
		run,
		resume,
	}: GuardResult & { readonly reason: string; readonly run?: string; readonly resume?: string },
): number => {
	if (json) {
		printJson(
			masked({
				type: 'guarded',
				outcome,
				reason,
				...(run !== undefined && { run }),
				...(resume !== undefined && { resume }),
				exitCode,
			}),
		);
	} else {
		const sign = outcome === 'well' ? 'ok' : exitCode === 6 ? 'unknown' : outcome === 'stood-down' ? 'warn' : 'failed';
		print(`${glyph(sign)} ${bold(guardConclusions[outcome])}: ${safe(reason)}`);
	}
	return exitCode;
};
