import { planFor } from '../application/plans/plan-for.ts';
import { formatPast } from '../components/format-past.ts';
import { fromMasked, type Masked } from '../runbook/masked.ts';
import type { Plan, PlanStep } from '../runbook/plan.ts';
import { changeInWords, sortedChanges } from '../runbook/plan-changes.ts';
import { confirmationFor } from '../runbook/risk.ts';
import { shownPlan } from '../runbook/secrets-deep.ts';
import { stepKindOf } from '../runbook/step-kinds/index.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { type GlobalOptions, lookInSession } from './context.ts';
import type { Output } from './output/events.ts';
import { bold, dim, glyph, indent, printJson, printMasked, safe, safeLines } from './print.ts';

const stepHeading = (step: PlanStep, index: number): string => {
	const { label } = stepKindOf(step);
	const kind = label === '' ? '' : `${label}, `;
	const past = step.expected === undefined ? '' : `, ${formatPast(step.expected)}`;
	const limit = `${kind}at most ${step.timeoutSeconds} s${past}`;
	return `${index + 1}. ${bold(safe(step.title))}  ${dim(`${step.id}, ${limit}${step.mayFail === true ? ', may fail' : ''}`)}`;
};

/** The plan as the JSON of the command line has it, secrets masked. */
export const planLine = (plan: Plan): Masked<Output> =>
	fromMasked(
		shownPlan(plan),
		(shown): Output => ({
			type: 'plan',
			...shown,
			confirmation: confirmationFor(plan.risk, plan.target),
		}),
	);

/** The plan as text: what an operator reads before he confirms. */
export const planText = (made: Plan): Masked<string> => fromMasked(shownPlan(made), textOf);

const textOf = (plan: Plan): string => {
	const { verification } = plan;
	const lines = [
		`${bold(safe(plan.title))}  ${dim(`${plan.procedure}, ${plan.risk}`)}`,
		`on ${bold(safe(plan.target))} (${safe(plan.host)}), ${safe(plan.directory)}, project ${safe(plan.project)}`,
		safe(plan.when),
		'',
		...plan.inputs.map(
			({ name, title, value, detail }) => `${safe(title)}: ${bold(safe(value))}  ${safe(detail)} ${dim(`($${name})`)}`,
		),
		`Services interrupted: ${plan.interrupts.length === 0 ? 'nothing' : safe(plan.interrupts.join(', '))}`,
	];
	if (plan.changes !== undefined && plan.changes.length > 0) {
		lines.push('', bold('What changes'));
		const { told, untouched } = sortedChanges(plan.changes);
		for (const change of told) {
			const { what, why } = changeInWords(change);
			lines.push(`  ${safe(change.service)}: ${what}${why === '' ? '' : dim(`  ${safe(why)}`)}`);
		}
		if (untouched.length > 0) {
			lines.push(dim(`  not touched: ${safe(untouched.join(', '))}`));
		}
	}
	if (plan.preconditions.length > 0) {
		lines.push('', bold('Preconditions'));
		for (const { title, state, detail } of plan.preconditions) {
			const word = state === 'passed' ? 'met' : state === 'failed' ? 'not met' : 'unknown';
			lines.push(`  ${glyph(state)} ${safe(title)}: ${word}${detail === '' ? '' : `, ${safe(detail)}`}`);
		}
	}
	for (const { title, text } of plan.previews) {
		lines.push('', bold(safe(title)), indent(safeLines(text)));
	}
	if (plan.steps.length > 0) {
		lines.push('', bold('Steps'));
		plan.steps.forEach((step, index) => {
			const script =
				step.summary === undefined
					? step.text !== undefined
						? indent(`you: ${safeLines(step.text)}`, '   ')
						: dim(indent(safeLines(step.script.trimEnd()), '   │ '))
					: `   ${safe(step.summary)} ${dim('(built in; --json has the script)')}`;
			lines.push(stepHeading(step, index), script);
		});
	}
	lines.push(
		'',
		`${bold('Verification')}: ${safe(verification.checks.join(', '))}${plan.expects === undefined ? '' : ', version'}; all must hold together for ${verification.settleSeconds} s, within ${verification.deadlineSeconds} s`,
		...plan.notes.map((note) => `${bold('Note')}: ${safe(note)}`),
	);
	return lines.join('\n');
};

/** `backout plan`: exactly what would run. 0 when it could be started now, 4 when a precondition does not hold. */
export const plan = (
	globals: GlobalOptions,
	procedure: string,
	options: {
		readonly json?: boolean;
		readonly input: Readonly<Record<string, string>>;
		readonly allow?: readonly string[];
	},
): Promise<number> =>
	lookInSession(globals, async (session, signal) => {
		const made = await planFor(session, procedure, options.input, { signal, allowed: options.allow });
		debugLog()?.plan(made);
		if (options.json === true) {
			printJson(planLine(made));
		} else {
			printMasked(planText(made));
		}
		return made.preconditions.every(({ state }) => state === 'passed') ? 0 : 4;
	});
