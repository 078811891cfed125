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

const paragraph = (text: string, width: number, indent = ' '): Line[] =>
	wrap(text, Math.max(8, width - indent.length - 1)).map((row) => line(indent + row));

const heading = (text: string): Line[] => [[], line(` ${text}`, 'strong')];

const stepRows = (step: PlanStep, index: number, width: number): Line[] => {
	const limit =
		step.kind === 'wait'
			? step.script === ''
				? `waits ${duration(step.timeoutSeconds * 1000)}`
				: `looks every ${step.intervalSeconds ?? 1}s, for ${duration(step.timeoutSeconds * 1000)} at most`
			: `${duration(step.timeoutSeconds * 1000)} at most`;
	return [
		[
			span(` ${String(index + 1).padStart(2)}. `, 'accent'),
			span(step.title, 'strong'),
			span(`  ${step.kind === 'run' ? '' : `${step.kind}, `}${limit}${step.mayFail ? ', may fail' : ''}`, 'muted'),
			span(step.expected === undefined ? '' : `, ${formatPast(step.expected)}`, 'muted'),
		],
		...(step.kind === 'manual' ? paragraph(`You: ${step.text ?? ''}`, width, '     ') : []),
		...(step.script === '' ? [] : preformatted(step.script, width, '     ')),
	];
};

/** All of a plan as rows: what it is for, what it uses, what stands in the way, and every command that will run. */
export const planRows = (made: Plan, width: number): Line[] => {
	const plan = shownPlan(made);
	const risk = riskSigns[plan.risk];
	const titles = Math.max(8, ...plan.inputs.map(({ title }) => title.length));
	const head: Line = [span(` ${plan.title}`, 'strong'), span('   '), span(`${risk.glyph} ${risk.word}`, risk.tone)];
	const where = `on ${plan.target}, ${plan.host}:${plan.directory}`;
	const rows: Line[] = [
		...(lineWidth(head) + 3 + widthOf(where) <= width
			? [[...head, span(`   ${where}`, 'muted')]]
			: [
					...(lineWidth(head) <= width ? [head] : [head.slice(0, 1), [span(' '), ...head.slice(2)]]),
					...wrap(where, width - 2).map((row) => line(` ${row}`, 'muted')),
				]),
		...paragraph(plan.when, width),
	];
	if (plan.inputs.length > 0) {
		rows.push(...heading('Inputs'));
		for (const { title, label, detail, value } of plan.inputs) {
			if (titles + 5 + widthOf(label) + 2 + widthOf(detail) > width) {
				rows.push(
					line(`   ${title}`),
					...wrap(`${label}  ${detail}`, width - 8).map((row) => line(`     ${row}`, 'accent')),
				);
				rows.push(...(value === label ? [] : wrap(value, width - 8).map((row) => line(`     ${row}`, 'muted'))));
				continue;
			}
			rows.push([span(`   ${pad(title, titles)}  `), span(label, 'accent'), span(`  ${detail}`)]);
			if (value !== label) {
				rows.push([span(`   ${pad('', titles)}  `), span(value, 'muted')]);
			}
		}
	}
	if (plan.interrupts.length > 0) {
		rows.push(...heading('Services interrupted'), ...plan.interrupts.flatMap((text) => paragraph(text, width, '   ')));
	}
	if (plan.changes !== undefined && plan.changes.length > 0) {
		const { told, untouched } = sortedChanges(plan.changes);
		const services = Math.max(0, ...told.map(({ service }) => widthOf(service)));
		rows.push(
			...heading('What changes'),
			...told.flatMap((change) => {
				const { what, why } = changeInWords(change);
				const begins: readonly Span[] = [
					span(`   ${pad(change.service, services)}  `),
					span(what, change.action === 'keep' ? 'muted' : change.action === 'stop' ? 'warn' : 'accent'),
				];
				const room = width - 7 - services - widthOf(what);
				return why === ''
					? [begins]
					: widthOf(why) <= room
						? [[...begins, span(`  ${why}`, 'muted')]]
						: [begins, ...wrap(why, width - 8).map((row) => line(`     ${row}`, 'muted'))];
			}),
			...(untouched.length === 0
				? []
				: wrap(`not touched: ${untouched.join(', ')}`, width - 4).map((row) => line(`   ${row}`, 'muted'))),
		);
	}
	if (plan.preconditions.length > 0) {
		rows.push(...heading('Pre-flight checks'));
		for (const { title, state, detail } of plan.preconditions) {
			const sign = checkSigns[state];
			rows.push([
				span(`   ${sign.glyph} `, sign.tone),
				span(title),
				span(state === 'passed' ? '' : ` ${sign.word}`, sign.tone),
				span(detail === '' ? '' : `  ${detail}`, state === 'passed' ? 'muted' : 'plain'),
			]);
		}
	}
	for (const { title, text } of plan.previews) {
		rows.push(...heading(title), ...preformatted(text, width, '   '));
	}
	if (plan.steps.length > 0) {
		const length = expectedLength(plan.steps);
		rows.push(
			...heading(
				`${plural(plan.steps.length, 'step')} on the host${length === undefined ? '' : `, about ${formatTook(length)} by what they took before`}`,
			),
		);
		for (const [index, step] of plan.steps.entries()) {
			rows.push(...(index === 0 ? [] : [[]]), ...stepRows(step, index, width));
		}
	}
	const { checks, settleSeconds, deadlineSeconds } = plan.verification;
	rows.push(
		...heading('Verified afterwards'),
		...paragraph(
			checks.length === 0
				? 'Nothing.'
				: `${checks.join(', ')}: all must hold at once for ${duration(settleSeconds * 1000)}, within ${duration(deadlineSeconds * 1000)}`,
			width,
			'   ',
		),
	);
	if (plan.notes.length > 0) {
		rows.push(...heading('To know'), ...plan.notes.flatMap((text) => paragraph(text, width, '   ')));
	}
	rows.push([], line(` Plan made at ${timeWithSeconds(plan.madeAt)}; exactly this plan will run.`, 'muted'));
	return rows;
};
