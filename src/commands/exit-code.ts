import type { CheckState, Verification } from '../runbook/check.ts';
import type { ErrorCode } from '../runbook/errors.ts';
import { approvalStepId, preconditionStepId } from '../runbook/plan.ts';
import type { Run, StepRun } from '../runbook/run.ts';
import { outcomeOfGuard } from './guard-outcome.ts';

/** The exit codes are part of the contract (README, "Exit codes"). */
export const exitCodeOf: Readonly<Record<ErrorCode, number>> = {
	failed: 1,
	usage: 2,
	config: 2,
	unreachable: 3,
	untrusted: 3,
	refused: 4,
	unverified: 5,
	'outcome-unknown': 6,
	cancelled: 130,
};

export const exitCodeOfVerdict = (verdict: CheckState): number => (verdict === 'passed' ? 0 : 1);

/** True for a step that ended the run before anything was changed. */
const isRefusal = ({ id, state }: StepRun): boolean =>
	(id === preconditionStepId && state === 'failed') ||
	(id === approvalStepId && (state === 'failed' || state === 'timed-out'));

/**
 * Returns the exit code for a run and its verification. A run whose steps succeeded but which was not verified, or did not pass, is 5; a
 * run with an unknown outcome is 6. A precondition that was not met, or an approval that was not given, is 4. A guard on the host has the exit
 * codes of `guard`.
 */
export const exitCodeOfRun = (run: Run, verification: Verification | undefined): number => {
	const code = codeOfRun(run, verification);
	return run.plan.guard === undefined ? code : outcomeOfGuard(run, code).exitCode;
};

/** Returns the exit code of a run as such, whatever it means for a guard. */
export const codeOfRun = (run: Run, verification: Verification | undefined): number => {
	switch (run.state) {
		case 'succeeded': {
			if (run.plan.verification.checks.length === 0) {
				return 0;
			}
			return (verification?.verdict ?? run.verified?.verdict) === 'passed' ? 0 : 5;
		}
		case 'cancelled':
			return 130;
		case 'running':
		case 'lost':
		case 'unknown':
			return 6;
		default:
			return run.steps.some(isRefusal) ? 4 : 1;
	}
};
