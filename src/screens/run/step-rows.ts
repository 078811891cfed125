import { formatTook, stopwatch } from '../../components/format-time.ts';
import { justify, type Line, pad, type Span, span } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import { bar } from '../../components/sparkline.ts';
import { checkSigns, stepSigns } from '../../components/status-icons.ts';
import type { PlanStep } from '../../runbook/plan.ts';
import type { Run, StepRun } from '../../runbook/run.ts';
import { progressOf } from '../../runbook/step-durations.ts';
import { isApproval, isManual, stepKindOf } from '../../runbook/step-kinds/index.ts';
import { elapsedLabel } from './elapsed.ts';

/**
 * Describes the progress of a run, for the title of its steps: `2 of 4 done`, and the time left, from the steps' durations in earlier
 * runs.
 *
 * @param isLost true while nothing is heard of the run
 */
export const stepsSummary = (run: Run, now: number, isLost = false): Line => {
	const done = run.steps.filter(({ state }) => state === 'succeeded').length;
	const count = span(`${done} of ${run.steps.length} done`, 'muted');
	const progress = isLost ? undefined : progressOf(run, now);
	return progress === undefined
		? [count]
		: [count, span(`, ~${formatTook(progress.leftMs)} left`, 'muted'), span(` ${bar(progress.share, 8)}`, 'accent')];
};

const time = (step: StepRun, plan: PlanStep | undefined, now: number, brief: boolean): Span => {
	if (step.startedAt === undefined) {
		const expected = step.state === 'pending' ? plan?.expected?.ms : undefined;
		return span(expected === undefined ? '' : `~${formatTook(expected)}`, 'muted');
	}
	if (step.state !== 'running') {
		return span(stopwatch((step.endedAt ?? now) - step.startedAt), 'muted');
	}
	const { text, late } = elapsedLabel(step, plan?.expected, now, brief);
	if (plan === undefined || stepKindOf(plan).supervised === 'run') {
		return span(text, late ? 'warn' : 'muted');
	}
	const left = stopwatch(step.startedAt + plan.timeoutSeconds * 1000 - now);
	return span(plan.script === '' || brief ? `${left} left` : `${text}, gives up in ${left}`, late ? 'warn' : 'muted');
};

const waitWord = (plan: PlanStep): string => (isApproval(plan) ? 'waits for approval' : 'waits for you');

/**
 * Returns a row per step: state, title, word and time; a countdown for one that waits. The running one stays in view.
 *
 * @param isLost true while nothing is heard of the run: what was running is unknown then, and its time does not go on
 */
export const stepRows = (
	run: Run,
	now: number,
	size: { readonly width: number; readonly height: number },
	isLost = false,
): Line[] => {
	const rows = run.steps.map((step, index): Line => {
		const plan = run.plan.steps.find(({ id }) => id === step.id);
		const unheard = isLost && step.state === 'running';
		const sign = unheard ? checkSigns.unknown : stepSigns[step.state];
		const times = unheard ? span('') : time(step, plan, now, size.width < 56);
		const exit = step.exitCode === undefined || step.exitCode === 0 ? '' : ` exit ${step.exitCode}`;
		return justify(
			[
				span(` ${sign.glyph} `, sign.tone),
				span(pad(`${index + 1}.`, 3), 'muted'),
				span(
					plan?.title ?? step.id,
					step.state === 'pending' ? 'muted' : step.state === 'running' ? 'strong' : 'plain',
				),
			],
			[
				span(
					` ${step.state === 'running' && !unheard && plan !== undefined && isManual(plan) ? waitWord(plan) : sign.word}${exit}`,
					sign.tone,
				),
				span(` ${times.text.padStart(5)} `, times.tone),
			],
			size.width,
		);
	});
	const at = run.steps.findLastIndex(({ state }) => state !== 'pending' && state !== 'skipped');
	const from = windowStart(rows.length, Math.max(0, at), size.height);
	return rows.slice(from, from + size.height);
};
