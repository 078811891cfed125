import { formatPast } from '../../components/format-past.ts';
import { duration, formatTook } from '../../components/format-time.ts';
import { cut, type Line, line, pad, span, widthOf } from '../../components/line.ts';
import { preformatted } from '../../components/preformatted.ts';
import type { Plan, PlanStep } from '../../runbook/plan.ts';
import { stepInWords } from '../../runbook/plan-outline.ts';
import { valuesIn } from '../../runbook/script-values.ts';
import { stepKindOf } from '../../runbook/step-kinds/index.ts';
import type { Fold } from '../folds/fold.ts';
import { paragraph, valueRows } from './plan-paragraph.ts';

const atMost = ({ timeoutSeconds }: PlanStep): string => `${duration(timeoutSeconds * 1000)} at most`;

const indent = '       ';

/** How long it takes, as far as one can say: `usually 14s`, else when it is ended. */
const timeOf = (step: PlanStep): string => {
	const { label, limit } = stepKindOf(step);
	const longest = step.script === '' ? (limit?.(step, duration) ?? atMost(step)) : atMost(step);
	const time = step.expected === undefined ? longest : `usually ${formatTook(step.expected.ms)}`;
	return `${label === '' ? '' : `${label}, `}${time}${step.mayFail === true ? ', may fail' : ''}`;
};

/** What is known of its time beside that: how a wait looks, what it took before. Empty where that is nothing. */
const moreOfTime = (step: PlanStep): string => {
	const limit = step.script === '' ? undefined : stepKindOf(step).limit?.(step, duration);
	const past = step.expected === undefined ? undefined : formatPast(step.expected);
	const longest = limit ?? (past === undefined ? undefined : atMost(step));
	return [longest, past].filter((part) => part !== undefined).join(', ');
};

/** Narrower than that, what a step does is said below its title, or only when it is unfolded. */
const leastWords = 24;

/**
 * The steps of a plan, one a row: number, title, how long it takes, what it changes. Each unfolds to its commands and their
 * values.
 * @param spare rows that nothing else needs: what a step changes has a row of its own where there are enough for all
 */
export const stepFolds = ({ steps, environment }: Plan, width: number, spare = 0): Fold[] => {
	const titles = Math.max(...steps.map(({ title }) => widthOf(title)));
	const times = Math.max(...steps.map((step) => widthOf(timeOf(step))));
	const begins = 7 + titles + 2;
	const said = steps.map(stepInWords);
	const beside = width - begins - times - 3;
	const isBelow = said.some((words) => widthOf(words) > beside) && said.filter((words) => words !== '').length <= spare;
	return steps.map((step, index): Fold => {
		const words = said[index] ?? '';
		const room = isBelow ? 0 : beside;
		const row: Line = [
			span(` ▸ ${String(index + 1).padStart(2)}. `, 'accent'),
			span(begins + times <= width ? pad(step.title, titles) : step.title, 'strong'),
			span(`  ${pad(timeOf(step), times)}`, 'muted'),
			span(room < leastWords || words === '' ? '' : `  ${pad(words, room)}`.trimEnd()),
		];
		const below = isBelow && words !== '' ? [line(`${indent}${cut(words, width - widthOf(indent) - 1)}`)] : [];
		return { id: `step ${step.id}`, head: [row, ...below], body: bodyOf(step, environment, width), section: false };
	});
};

const bodyOf = (step: PlanStep, environment: Plan['environment'], width: number): Line[] => {
	const words = stepInWords(step);
	const time = moreOfTime(step);
	const values = valuesIn(step.script, environment);
	return [
		...(words === '' ? [] : paragraph(words, width, indent)),
		...(time === '' ? [] : [line(`${indent}${time}`, 'muted')]),
		...(step.script === '' ? [] : preformatted(step.script, width, indent)),
		...(values.length === 0 ? [] : [line(`${indent}with`, 'muted'), ...valueRows(values, width, `${indent}  `)]),
	];
};
