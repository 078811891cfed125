import { plural } from '../../components/figures.ts';
import { formatPast } from '../../components/format-past.ts';
import { duration, formatTook, timeWithSeconds } from '../../components/format-time.ts';
import { type Line, line, lineWidth, pad, type Span, span, widthOf, wrap } from '../../components/line.ts';
import { preformatted } from '../../components/preformatted.ts';
import { checkSigns, riskSigns } from '../../components/status-icons.ts';
import type { Plan, PlanStep } from '../../runbook/plan.ts';
import { changeInWords, sortedChanges } from '../../runbook/plan-changes.ts';
import { shownPlan } from '../../runbook/secrets-deep.ts';
import { expectedLength } from '../../runbook/step-durations.ts';
import { stepKindOf } from '../../runbook/step-kinds/index.ts';

const paragraph = (text: string, width: number, indent = ' '): Line[] =>
	wrap(text, Math.max(8, width - indent.length - 1)).map((row) => line(indent + row));

const heading = (text: string): Line[] => [[], line(` ${text}`, 'strong')];

const stepRows = (step: PlanStep, index: number, width: number): Line[] => {
	const kind = stepKindOf(step);
	const limit = kind.limit?.(step, duration) ?? `${duration(step.timeoutSeconds * 1000)} at most`;
	return [
		[
			span(` ${String(index + 1).padStart(2)}. `, 'accent'),
			span(step.title, 'strong'),
			span(`  ${kind.label === '' ? '' : `${kind.label}, `}${limit}${step.mayFail ? ', may fail' : ''}`, 'muted'),
			span(step.expected === undefined ? '' : `, ${formatPast(step.expected)}`, 'muted'),
		],
		...(step.text === undefined ? [] : paragraph(`You: ${step.text}`, width, '     ')),
		...(step.script === '' ? [] : preformatted(step.script, width, '     ')),
	];
};

/** All of a plan as rows: what it is for, what it uses, what stands in the way, and every command that will run. */
export const planRows = (made: Plan, width: number): Line[] => {
	const plan = shownPlan(made);
	return [
		...headRows(plan, width),
		...inputRows(plan, width),
		...interruptRows(plan, width),
		...changeRows(plan, width),
		...preconditionRows(plan),
		...plan.previews.flatMap(({ title, text }) => [...heading(title), ...preformatted(text, width, '   ')]),
		...stepsRows(plan, width),
		...verificationRows(plan, width),
		...(plan.notes.length === 0
			? []
			: [...heading('To know'), ...plan.notes.flatMap((text) => paragraph(text, width, '   '))]),
		[],
		line(` Plan made at ${timeWithSeconds(plan.madeAt)}; exactly this plan will run.`, 'muted'),
	];
};

const headRows = (plan: Plan, width: number): Line[] => {
	const risk = riskSigns[plan.risk];
	const head: Line = [span(` ${plan.title}`, 'strong'), span('   '), span(`${risk.glyph} ${risk.word}`, risk.tone)];
	const where = `on ${plan.target}, ${plan.host}:${plan.directory}`;
	return [
		...(lineWidth(head) + 3 + widthOf(where) <= width
			? [[...head, span(`   ${where}`, 'muted')]]
			: [
					...(lineWidth(head) <= width ? [head] : [head.slice(0, 1), [span(' '), ...head.slice(2)]]),
					...wrap(where, width - 2).map((row) => line(` ${row}`, 'muted')),
				]),
		...paragraph(plan.when, width),
	];
};

const inputRows = ({ inputs }: Plan, width: number): Line[] => {
	const titles = Math.max(8, ...inputs.map(({ title }) => title.length));
	const rows = inputs.flatMap(({ title, label, detail, value }): Line[] => {
		const isLong = titles + 5 + widthOf(label) + 2 + widthOf(detail) > width;
		if (isLong) {
			return [
				line(`   ${title}`),
				...wrap(`${label}  ${detail}`, width - 8).map((row) => line(`     ${row}`, 'accent')),
				...(value === label ? [] : wrap(value, width - 8).map((row) => line(`     ${row}`, 'muted'))),
			];
		}
		return [
			[span(`   ${pad(title, titles)}  `), span(label, 'accent'), span(`  ${detail}`)],
			...(value === label ? [] : [[span(`   ${pad('', titles)}  `), span(value, 'muted')]]),
		];
	});
	return inputs.length === 0 ? [] : [...heading('Inputs'), ...rows];
};

const interruptRows = ({ interrupts }: Plan, width: number): Line[] =>
	interrupts.length === 0
		? []
		: [...heading('Services interrupted'), ...interrupts.flatMap((text) => paragraph(text, width, '   '))];

const changeRows = ({ changes = [] }: Plan, width: number): Line[] => {
	if (changes.length === 0) {
		return [];
	}
	const { told, untouched } = sortedChanges(changes);
	const services = Math.max(0, ...told.map(({ service }) => widthOf(service)));
	return [
		...heading('What changes'),
		...told.flatMap((change) => {
			const { what, why } = changeInWords(change);
			const begins: readonly Span[] = [
				span(`   ${pad(change.service, services)}  `),
				span(what, change.action === 'keep' ? 'muted' : change.action === 'stop' ? 'warn' : 'accent'),
			];
			if (why === '') {
				return [begins];
			}
			return widthOf(why) <= width - 7 - services - widthOf(what)
				? [[...begins, span(`  ${why}`, 'muted')]]
				: [begins, ...wrap(why, width - 8).map((row) => line(`     ${row}`, 'muted'))];
		}),
		...(untouched.length === 0
			? []
			: wrap(`not touched: ${untouched.join(', ')}`, width - 4).map((row) => line(`   ${row}`, 'muted'))),
	];
};

const preconditionRows = ({ preconditions }: Plan): Line[] =>
	preconditions.length === 0
		? []
		: [
				...heading('Pre-flight checks'),
				...preconditions.map(({ title, state, detail }) => {
					const sign = checkSigns[state];
					return [
						span(`   ${sign.glyph} `, sign.tone),
						span(title),
						span(state === 'passed' ? '' : ` ${sign.word}`, sign.tone),
						span(detail === '' ? '' : `  ${detail}`, state === 'passed' ? 'muted' : 'plain'),
					];
				}),
			];

const stepsRows = ({ steps }: Plan, width: number): Line[] => {
	if (steps.length === 0) {
		return [];
	}
	const length = expectedLength(steps);
	const about = length === undefined ? '' : `, about ${formatTook(length)} by what they took before`;
	return [
		...heading(`${plural(steps.length, 'step')} on the host${about}`),
		...steps.flatMap((step, index) => [...(index === 0 ? [] : [[]]), ...stepRows(step, index, width)]),
	];
};

const verificationRows = ({ verification }: Plan, width: number): Line[] => {
	const { checks, settleSeconds, deadlineSeconds } = verification;
	const text =
		checks.length === 0
			? 'Nothing.'
			: `${checks.join(', ')}: all must hold at once for ${duration(settleSeconds * 1000)}, within ${duration(deadlineSeconds * 1000)}`;
	return [...heading('Verified afterwards'), ...paragraph(text, width, '   ')];
};
