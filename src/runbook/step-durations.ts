import type { Plan, PlanStep } from './plan.ts';
import type { Run } from './run.ts';
import { stepKindOf } from './step-kinds/index.ts';

/** Returns the median, or the mean of the two middle values; undefined for an empty list. */
export const median = (values: readonly number[]): number | undefined => {
	const sorted = values.toSorted((a, b) => a - b);
	const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
	return low === undefined || high === undefined ? undefined : (low + high) / 2;
};

const canExpect = (step: PlanStep) => stepKindOf(step).estimate(step) === 'from-history';

/**
 * Returns the plan with the durations of its steps in earlier runs.
 * @param past durations by the step's id, ms
 */
export const withExpectations = (plan: Plan, past: ReadonlyMap<string, readonly number[]>): Plan => ({
	...plan,
	steps: plan.steps.map((step) => {
		const durations = past.get(step.id) ?? [];
		const ms = canExpect(step) ? median(durations) : undefined;
		const { expected: _, ...bare } = step;
		return ms === undefined ? bare : { ...bare, expected: { ms, runs: durations.length } };
	}),
});

/** Returns the expected duration of a step, ms: for a countdown its length; undefined when nothing is known. */
const lengthOf = (step: PlanStep): number | undefined =>
	stepKindOf(step).estimate(step) === 'limit' ? step.timeoutSeconds * 1000 : step.expected?.ms;

/** Returns the expected duration of all steps together, ms; undefined when one of them is not known. */
export const expectedLength = (steps: readonly PlanStep[]): number | undefined =>
	steps.reduce<number | undefined>((sum, step) => {
		const ms = lengthOf(step);
		return sum === undefined || ms === undefined ? undefined : sum + ms;
	}, 0);

/** Returns the progress of a running run, from the steps' durations in earlier runs; undefined when a remaining step's is not known. */
export const progressOf = (run: Run, now: number): { readonly share: number; readonly leftMs: number } | undefined => {
	let spent = 0;
	let left = 0;
	for (const [index, planned] of run.plan.steps.entries()) {
		const step = run.steps[index];
		if (step?.endedAt !== undefined && step.startedAt !== undefined) {
			spent += Math.max(0, step.endedAt - step.startedAt);
			continue;
		}
		const ms = lengthOf(planned);
		if (ms === undefined) {
			return undefined;
		}
		const gone = step?.startedAt === undefined ? 0 : Math.max(0, now - step.startedAt);
		spent += gone;
		left += Math.max(0, ms - gone);
	}
	return run.state === 'running' && left + spent > 0 ? { share: spent / (spent + left), leftMs: left } : undefined;
};
