import { expect, test } from 'vitest';
import { beingVerified } from '../../src/application/runs/being-verified.ts';
import type { RunSummary } from '../../src/runbook/run.ts';
import type { Target } from '../../src/runbook/runbook.ts';

const now = 1_800_000_000_000;
const target = {
	runbook: {
		verification: { deadlineMs: 300_000 },
		procedures: [
			{ id: 'rollback-commit', risk: 'disruptive', expects: { service: 'web' }, verify: ['containers'] },
			{ id: 'restart-service', risk: 'disruptive', verify: ['containers'] },
			{ id: 'verify', risk: 'read-only', verify: ['containers'] },
		],
	},
} as unknown as Target;
const run = (procedure: string, more: Partial<RunSummary> = {}): RunSummary => ({
	id: procedure,
	procedure,
	title: procedure,
	who: { user: 'mara', machine: 'laptop' },
	reason: '',
	startedAt: now - 60_000,
	endedAt: now - 20_000,
	state: 'succeeded',
	...more,
});
const found = (...runs: readonly RunSummary[]) => beingVerified(runs, target, now)?.id;

test('a rollback without a verdict is waited for, for as long as one may come', () => {
	expect(found(run('rollback-commit'))).toBe('rollback-commit');
	expect(found(run('verify'), run('rollback-commit'))).toBe('rollback-commit');
	expect(found(run('rollback-commit', { endedAt: now - 400_000 }))).toBeUndefined();
});

test('nothing else is', () => {
	expect(found()).toBeUndefined();
	expect(found(run('rollback-commit', { verdict: 'failed' }))).toBeUndefined();
	expect(found(run('rollback-commit', { state: 'failed' }))).toBeUndefined();
	expect(found(run('restart-service'), run('rollback-commit'))).toBeUndefined();
	expect(found(run('with-lock'), run('rollback-commit'))).toBeUndefined();
});
