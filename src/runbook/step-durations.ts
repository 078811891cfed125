import type { Plan, PlanStep } from './plan.ts';
import type { Run } from './run.ts';
import { stepKindOf } from './step-kinds/index.ts';

/** The middle one, or between the two in the middle; undefined of nothing. */
export const median = (values: readonly number[]): number | undefined => {
	const sorted = values.toSorted((a, b) => a - b);
	const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
	return low === undefined || high === undefined ? undefined : (low + high) / 2;
};

const canExpect = (step: PlanStep) => stepKindOf(step).estimate(step) === 'from-history';

/**
 * The plan with what its steps took in earlier runs.
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

/** What a step is expected to take, ms: a countdown as long as it says; undefined where nothing is known. */
const lengthOf = (step: PlanStep): number | undefined =>
	stepKindOf(step).estimate(step) === 'limit' ? step.timeoutSeconds * 1000 : step.expected?.ms;

/** What all steps of a plan take together, ms; undefined where one of them is not known. */
export const expectedLength = (steps: readonly PlanStep[]): number | undefined =>
	steps.reduce<number | undefined>((sum, step) => {
		const ms = lengthOf(step);
		return sum === undefined || ms === undefined ? undefined : sum + ms;
	}, 0);

/** How far a run that goes on is, by what its steps took before; undefined where that is not known of all that are left. */
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
