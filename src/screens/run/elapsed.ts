import { formatTook, stopwatch } from '../../components/format-time.ts';
import type { StepExpectation } from '../../runbook/plan.ts';
import type { StepRun } from '../../runbook/run.ts';

/** Returns how long a step has been running, and its usual duration; `late` once that is exceeded. */
export const elapsedLabel = (
	step: StepRun,
	expected: StepExpectation | undefined,
	now: number,
	brief = false,
): { readonly text: string; readonly late: boolean } => {
	const elapsed = Math.max(0, now - (step.startedAt ?? now));
	if (expected === undefined) {
		return { text: stopwatch(elapsed), late: false };
	}
	const late = elapsed >= expected.ms + 1000;
	const usual = formatTook(expected.ms);
	return {
		text: brief
			? `${stopwatch(elapsed)}/~${usual}`
			: `${stopwatch(elapsed)}${late ? ', usually' : ' of about'} ${usual}`,
		late,
	};
};
