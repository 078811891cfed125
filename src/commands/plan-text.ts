import { plural } from '../components/figures.ts';
import { formatPast } from '../components/format-past.ts';
import { formatTook } from '../components/format-time.ts';
import { fromMasked, type Masked } from '../runbook/masked.ts';
import { ownCommand } from '../runbook/own-command.ts';
import type { Plan, PlanPreview, PlanStep, Precondition } from '../runbook/plan.ts';
import { changeInWords, sortedChanges } from '../runbook/plan-changes.ts';
import {
	isLogExcerpt,
	orderedPreviews,
	preflightInWords,
	previewExcerpt,
	stepInWords,
	unmetPreconditions,
} from '../runbook/plan-outline.ts';
import { functionsCalledBy, valuesIn } from '../runbook/script-values.ts';
import { shownPlan } from '../runbook/secrets-deep.ts';
import { matchersInWords } from '../runbook/silence.ts';
import { expectedLength } from '../runbook/step-durations.ts';
import { stepKindOf } from '../runbook/step-kinds/index.ts';
import { bold, dim, glyph, indent, safe, safeLines } from './print.ts';

export interface PlanTextOptions {
	/** True: prints every command with its values, and every excerpt in full. */
	readonly full?: boolean;
	/** POSIX sh: every function that a step may call. */
	readonly library?: string;
	/** Names of the inputs that were given; the others have their presets. */
	readonly given?: readonly string[];
}

const mostLogLines = 5;

/** Returns the plan as text, secrets masked: the outline that an operator reads before confirming. */
export const planText = (made: Plan, options: PlanTextOptions = {}): Masked<string> =>
	fromMasked(shownPlan(made), (plan) => textOf(plan, options));

const textOf = (plan: Plan, { full = false, library = '', given = [] }: PlanTextOptions): string => {
	const { verification, expects } = plan;
	const checks = [...verification.checks, ...(expects === undefined ? [] : ['version'])];
	return [
		`${bold(safe(plan.title))}  ${dim(`${plan.procedure}, ${plan.risk}`)}`,
		`on ${bold(safe(plan.target))} (${safe(plan.host)}), ${safe(plan.directory)}, project ${safe(plan.project)}`,
		safe(plan.when),
		'',
		...unmetLines(plan),
		...plan.inputs.map(
			({ name, title, value, detail }) => `${safe(title)}: ${bold(safe(value))}  ${safe(detail)} ${dim(`($${name})`)}`,
		),
		`Services interrupted: ${plan.interrupts.length === 0 ? 'nothing' : safe(plan.interrupts.join(', '))}`,
		...silenceLines(plan),
		...stepLines(plan, full),
		'',
		...plan.notes.map((note) => `${bold('Note')}: ${safe(note)}`),
		...preflightLines(plan, full),
		...changeLines(plan),
		`${bold('Verification')}: ${checks.length === 0 ? 'nothing' : `${safe(checks.join(', '))}; all must hold together for ${verification.settleSeconds} s, within ${verification.deadlineSeconds} s`}`,
		...orderedPreviews(plan).flatMap((preview) => previewLines(preview, full)),
		...(full ? [...functionLines(plan, library), ...valueLines(plan)] : pointer(plan, given)),
	].join('\n');
};

const silenceLines = ({ silence }: Plan): readonly string[] =>
	silence === undefined
		? []
		: [
				`Alerts silenced: ${safe(matchersInWords(silence))}, ${silence.seconds} s at a time, until the run has its verdict`,
			];

/** Says where the rest is. An undo and a retry come from a run: no command shows their plan without asking to start it. */
const pointer = (
	{ procedure, inputs, steps, environment, retryOf }: Plan,
	given: readonly string[],
): readonly string[] =>
	steps.length === 0 || retryOf !== undefined || environment.from_run !== undefined
		? []
		: [
				'',
				dim(
					`every command, with its values: ${safe(
						ownCommand([
							'plan',
							procedure,
							...inputs
								.filter(({ name }) => given.includes(name))
								.flatMap(({ name, value }) => ['--input', `${name}=${value}`]),
							'--full',
						]),
					)}`,
				),
			];

const preconditionLine = ({ title, state, detail }: Precondition): string => {
	const word = state === 'passed' ? '' : state === 'failed' ? ' failed' : ' unknown';
	return `  ${glyph(state)} ${safe(title)}${word}${detail === '' ? '' : `: ${safe(detail)}`}`;
};

/** Returns the problems, in full, before everything else. */
const unmetLines = (plan: Plan): readonly string[] => {
	const unmet = unmetPreconditions(plan);
	return unmet.length === 0
		? []
		: [bold(`${preflightInWords(plan)}: it cannot start`), ...unmet.map(preconditionLine), ''];
};

const preflightLines = (plan: Plan, full: boolean): readonly string[] => {
	const passed = plan.preconditions.filter(({ state }) => state === 'passed');
	if (passed.length === 0) {
		return [];
	}
	return full
		? [bold('Pre-flight checks'), ...passed.map(preconditionLine)]
		: [`${glyph('passed')} ${preflightInWords({ preconditions: passed })}`];
};

const stepLines = (plan: Plan, full: boolean): readonly string[] => {
	const { steps, environment } = plan;
	if (steps.length === 0) {
		return [];
	}
	const length = expectedLength(steps);
	const about = length === undefined ? '' : `, usually ${formatTook(length)} in all`;
	return [
		'',
		bold(`${plural(steps.length, 'step')} on the host${about}`),
		...steps.flatMap((step, index) => [
			stepHeading(step, index),
			...(stepInWords(step) === '' ? [] : [`     ${safe(stepInWords(step))}`]),
			...(full ? commandLines(step, environment) : []),
		]),
	];
};

const stepHeading = (step: PlanStep, index: number): string => {
	const { label } = stepKindOf(step);
	const past = step.expected === undefined ? '' : `, ${formatPast(step.expected)}`;
	const limit = `${label === '' ? '' : `${label}, `}at most ${step.timeoutSeconds} s${past}`;
	return `  ${index + 1}. ${bold(safe(step.title))}  ${dim(`${step.id}, ${limit}${step.mayFail === true ? ', may fail' : ''}`)}`;
};

const commandLines = (step: PlanStep, environment: Plan['environment']): readonly string[] => [
	...(step.script.trim() === '' ? [] : [dim(indent(safeLines(step.script.trimEnd()), '     │ '))]),
	...valuesIn(step.script, environment).map(([name, value]) => valueLine(name, value, '       ')),
];

const valueLine = (name: string, value: string, by: string): string =>
	dim(`${by}${name} = ${safeLines(value.trimEnd()).replaceAll('\n', `\n${by}${' '.repeat(name.length + 3)}`)}`);

const changeLines = ({ changes = [] }: Plan): readonly string[] => {
	if (changes.length === 0) {
		return [];
	}
	const { told, untouched } = sortedChanges(changes);
	return [
		bold('What changes'),
		...told.map((change) => {
			const { what, why } = changeInWords(change);
			return `  ${safe(change.service)}: ${what}${why === '' ? '' : dim(`  ${safe(why)}`)}`;
		}),
		...(untouched.length === 0 ? [] : [dim(`  not touched: ${safe(untouched.join(', '))}`)]),
	];
};

const previewLines = (preview: PlanPreview, full: boolean): readonly string[] => {
	const most = full || !isLogExcerpt(preview) ? Number.POSITIVE_INFINITY : mostLogLines;
	const { before, lines } = previewExcerpt(preview, most);
	return [
		'',
		`${bold(safe(preview.title))}${before === 0 ? '' : dim(`, its last ${plural(lines.length, 'line')} of ${before + lines.length}`)}`,
		indent(safeLines(lines.join('\n'))),
	];
};

const functionLines = ({ steps }: Plan, library: string): readonly string[] => {
	const functions = functionsCalledBy(
		steps.map(({ script }) => script),
		library,
	);
	return functions.length === 0
		? []
		: [
				'',
				bold(`${plural(functions.length, 'function')} that the steps call`),
				...functions.map(({ text }) => dim(indent(safeLines(text.trimEnd()), '  │ '))),
			];
};

const valueLines = ({ steps, environment }: Plan): readonly string[] =>
	steps.length === 0
		? []
		: [
				'',
				bold(`${plural(Object.keys(environment).length, 'value')} that the commands get`),
				...Object.entries(environment).map(([name, value]) => valueLine(name, value, '  ')),
			];
