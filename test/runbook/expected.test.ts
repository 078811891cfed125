import { describe, expect, it } from 'vitest';
import type { Plan, PlanStep } from '../../src/runbook/plan.ts';
import { expectedLength, median, withExpectations } from '../../src/runbook/step-durations.ts';

const step = (id: string, more: Partial<PlanStep> = {}): PlanStep => ({
	id,
	title: id,
	kind: 'run',
	script: 'true',
	timeoutSeconds: 30,
	...more,
});

describe('what a step is expected to take', () => {
	it.each([
		[[], undefined],
		[[7], 7],
		[[9, 1], 5],
		[[100, 1, 3], 3],
		[[4, 1, 2, 3], 2.5],
	])('the median of %j is %j', (values, middle) => {
		expect(median(values)).toBe(middle);
	});

	it('is the median of its own earlier times; of a countdown or of a person nothing is expected', () => {
		const steps = [
			step('build', { expected: { ms: 1, runs: 1 } }),
			step('pause', { kind: 'wait', script: '' }),
			step('unplug', { kind: 'manual', script: '' }),
			step('new', { expected: { ms: 1, runs: 1 } }),
		];
		const past = new Map([
			['build', [12_000, 90_000, 14_000]],
			['pause', [1000]],
			['unplug', [1000]],
		]);
		const made = withExpectations({ steps } as unknown as Plan, past).steps;
		expect(made.map(({ expected }) => expected)).toEqual([{ ms: 14_000, runs: 3 }, undefined, undefined, undefined]);
		expect(expectedLength(made)).toBeUndefined();
		expect(expectedLength(made.slice(0, 2))).toBe(44_000);
	});
});
