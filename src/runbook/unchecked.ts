import type { Plan } from './plan.ts';

type Checked = Pick<Plan, 'procedure' | 'verification'>;

/** True for a plan without checks: when its steps are done, nothing is left to be verified. */
export const isUnchecked = ({ verification }: Pick<Plan, 'verification'>): boolean => verification.checks.length === 0;

/** Says why nothing was verified after a run without checks, and what adds some. */
export const uncheckedWords = ({ procedure }: Checked): string =>
	procedure === 'with-lock'
		? 'nothing was verified, as no checks were asked for; `with-lock --verify` runs those of the runbook'
		: 'nothing was verified, as this procedure has no checks; `verification.checks` of the runbook, or `verify` of the procedure, names some';
