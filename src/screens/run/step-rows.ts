import { type Line, pad, span, spread } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import { stepSigns } from '../../components/signs.ts';
import { stopwatch } from '../../components/time-words.ts';
import type { PlanStep } from '../../runbook/plan.ts';
import type { Run, StepRun } from '../../runbook/run.ts';

/** How far a run is, for the title of its steps: `2 of 4 done`. */
export const stepsSummary = (run: Run): Line => {
	const done = run.steps.filter(({ state }) => state === 'succeeded').length;
	return [span(`${done} of ${run.steps.length} done`, 'muted')];
};

const time = (step: StepRun, plan: PlanStep | undefined, now: number, brief: boolean): string => {
	if (step.startedAt === undefined) {
		return '';
	}
	const took = stopwatch((step.endedAt ?? now) - step.startedAt);
	if (step.state !== 'running' || plan === undefined || plan.kind === 'run') {
		return took;
	}
	const left = stopwatch(step.startedAt + plan.timeoutSeconds * 1000 - now);
	return plan.script === '' || brief ? `${left} left` : `${took}, gives up in ${left}`;
};

/** A row a step: state, title, word and time; a countdown for one that waits. The running one stays in view. */
export const stepRows = (run: Run, now: number, size: { readonly width: number; readonly height: number }): Line[] => {
	const rows = run.steps.map((step, index): Line => {
		const plan = run.plan.steps.find(({ id }) => id === step.id);
		const sign = stepSigns[step.state];
		const exit = step.exitCode === undefined || step.exitCode === 0 ? '' : ` exit ${step.exitCode}`;
		return spread(
			[
				span(` ${sign.glyph} `, sign.tone),
				span(pad(`${index + 1}.`, 3), 'muted'),
				span(
					plan?.title ?? step.id,
					step.state === 'pending' ? 'muted' : step.state === 'running' ? 'strong' : 'plain',
				),
			],
			[
				span(` ${step.state === 'running' && plan?.kind === 'manual' ? 'waits for you' : sign.word}${exit}`, sign.tone),
				span(` ${time(step, plan, now, size.width < 56).padStart(5)} `, 'muted'),
			],
			size.width,
		);
	});
	const at = run.steps.findLastIndex(({ state }) => state !== 'pending' && state !== 'skipped');
	const from = windowStart(rows.length, Math.max(0, at), size.height);
	return rows.slice(from, from + size.height);
};
