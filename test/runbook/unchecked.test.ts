import { expect, test } from 'vitest';
import { outcomeText } from '../../src/commands/runs.ts';
import type { Plan } from '../../src/runbook/plan.ts';
import { isUnchecked, uncheckedWords } from '../../src/runbook/unchecked.ts';

const plan = (procedure: string, checks: string[]): Pick<Plan, 'procedure' | 'verification'> => ({
	procedure,
	verification: { checks, settleSeconds: 1, deadlineSeconds: 1 },
});

test('a run without checks is not one that still has to be verified, and says what adds checks', () => {
	expect(isUnchecked(plan('deploy', ['health']))).toBe(false);
	expect(isUnchecked(plan('deploy', []))).toBe(true);
	expect(uncheckedWords(plan('deploy', []))).toContain('`verification.checks` of the runbook');
	expect(uncheckedWords(plan('with-lock', []))).toContain('`with-lock --verify`');
	expect(outcomeText({ state: 'succeeded', unchecked: true })).toBe('steps done, no checks');
	expect(outcomeText({ state: 'succeeded' })).toContain('steps done, not verified');
});
