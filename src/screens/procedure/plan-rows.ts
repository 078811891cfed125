import { plural } from '../../components/figures.ts';
import { exactDuration, formatTook, timeWithSeconds } from '../../components/format-time.ts';
import { type Line, line, lineWidth, pad, type Span, span, widthOf, wrap } from '../../components/line.ts';
import { checkSigns, riskSigns } from '../../components/status-icons.ts';
import type { Plan } from '../../runbook/plan.ts';
import { changeInWords, sortedChanges } from '../../runbook/plan-changes.ts';
import { preflightInWords, unmetPreconditions } from '../../runbook/plan-outline.ts';
import { shownPlan } from '../../runbook/secrets-deep.ts';
import { matchersInWords } from '../../runbook/silence.ts';
import { expectedLength } from '../../runbook/step-durations.ts';
import { fixed, rowsOf } from '../folds/fixed.ts';
import { type Fold, foldRows } from '../folds/fold.ts';
import { commandFolds } from './command-folds.ts';
import { paragraph, titled } from './plan-paragraph.ts';
import { previewFolds } from './preview-folds.ts';
import { stepFolds } from './step-folds.ts';

export interface PlanFoldsOptions {
	/** Cells. */
	readonly width: number;
	/** Rows there is room for: where not all fits, the previews are one row each. Any number unless given. */
	readonly height?: number;
	/** POSIX sh: every function that a step may call. */
	readonly library?: string;
}

/**
 * A plan as an outline, secrets masked: what will be done, what is interrupted, what stands in the way, what matters
 * afterwards. What it rests on, and every command with its values, is folded.
 */
export const planFolds = (
	made: Plan,
	{ width, height = Number.POSITIVE_INFINITY, library = '' }: PlanFoldsOptions,
): Fold[] => {
	const plan = shownPlan(made);
	const madeAt = line(` Plan made at ${timeWithSeconds(plan.madeAt)}; exactly this plan will run.`, 'muted');
	const after = [...commandFolds(plan, width, library), { ...fixed('made', [madeAt]), section: false }];
	const before = (spare: number): Fold[] => {
		const folds = [
			...headFolds(plan, width),
			...stepsFolds(plan, width, spare),
			...noteFolds(plan, width),
			...(unmetPreconditions(plan).length === 0 ? preflightFolds(plan, width) : []),
			...changeFolds(plan, width),
			verificationFold(plan, width),
		];
		return height < roomyFrom ? folds.map(withoutBlanks) : folds;
	};
	const all = before(height - rowsOf(before(0)) - plan.previews.length - rowsOf(after));
	return [...all, ...previewFolds(plan, width, height - rowsOf(all) - rowsOf(after)), ...after];
};

/** The outline of a plan with everything folded, as rows. */
export const planPage = (plan: Plan, options: PlanFoldsOptions): readonly Line[] =>
	foldRows(planFolds(plan, options), new Set()).map(({ row }) => row);

/** With fewer rows than that no row is given away for a blank one. */
const roomyFrom = 30;
const withoutBlanks = (fold: Fold): Fold => ({ ...fold, head: fold.head.filter((row) => row.length > 0) });

const headFolds = (plan: Plan, width: number): Fold[] => {
	const risk = riskSigns[plan.risk];
	const head: Line = [span(` ${plan.title}`, 'strong'), span('   '), span(`${risk.glyph} ${risk.word}`, risk.tone)];
	const where = `on ${plan.target}, ${plan.host}:${plan.directory}`;
	const rows = [
		...(lineWidth(head) + 3 + widthOf(where) <= width
			? [[...head, span(`   ${where}`, 'muted')]]
			: [
					...(lineWidth(head) <= width ? [head] : [head.slice(0, 1), [span(' '), ...head.slice(2)]]),
					...wrap(where, width - 2).map((row) => line(` ${row}`, 'muted')),
				]),
		...paragraph(plan.when, width, ' ', 'muted'),
	];
	const unmet = unmetPreconditions(plan).flatMap((one) => preconditionRows(one, width, true));
	return [
		fixed('head', rows),
		...(unmet.length === 0
			? []
			: [
					fixed('unmet', [line(` ${preflightInWords(plan)}: it cannot start`, 'bad'), ...unmet]),
					...preflightFolds(plan, width).map(withoutBlanks),
				]),
		...(plan.inputs.length === 0 ? [] : [{ ...fixed('inputs', inputRows(plan, width)), section: false }]),
		...(plan.interrupts.length === 0
			? []
			: [
					{
						...fixed('interrupts', titled('Services interrupted', plan.interrupts.join(', '), width, 'warn')),
						section: false,
					},
				]),
		...(plan.silence === undefined
			? []
			: [{ ...fixed('silence', titled('Alerts silenced', matchersInWords(plan.silence), width)), section: false }]),
	];
};

const inputRows = ({ inputs }: Plan, width: number): Line[] => {
	const titles = Math.min(Math.floor(width / 2), Math.max(...inputs.map(({ title }) => widthOf(title))));
	return inputs.flatMap(({ title, label, detail, value }): Line[] => {
		const full = value === label || detail.includes(value) ? '' : value;
		const said = `${label}  ${detail}`.trimEnd();
		const isShort = titles + 4 + widthOf(said) <= width;
		const first: Line[] = isShort
			? [[span(` ${pad(title, titles)}  `, 'strong'), span(label, 'accent'), span(`  ${detail}`)]]
			: [line(` ${title}`, 'strong'), ...paragraph(said, width, '   ', 'accent')];
		if (full === '') {
			return first;
		}
		const last = first.at(-1) ?? [];
		return lineWidth(last) + 2 + widthOf(full) <= width
			? [...first.slice(0, -1), [...last, span(`  ${full}`, 'muted')]]
			: [...first, ...paragraph(full, width, isShort ? ' '.repeat(titles + 3) : '   ', 'muted')];
	});
};

const stepsFolds = (plan: Plan, width: number, spare: number): Fold[] => {
	if (plan.steps.length === 0) {
		return [];
	}
	const length = expectedLength(plan.steps);
	const about = length === undefined ? '' : `, usually ${formatTook(length)} in all`;
	return [
		fixed('steps', [[], line(` ${plural(plan.steps.length, 'step')} on the host${about}`, 'strong')]),
		...stepFolds(plan, width, spare),
	];
};

const noteFolds = ({ notes }: Plan, width: number): Fold[] =>
	notes.length === 0
		? []
		: [
				fixed('notes', [
					[],
					line(' To know', 'strong'),
					...notes.flatMap((text) => paragraph(text, width, '   ', 'warn')),
				]),
			];

const verificationFold = ({ verification, expects }: Plan, width: number): Fold => {
	const { checks, settleSeconds, deadlineSeconds } = verification;
	const all = [...checks, ...(expects === undefined || checks.length === 0 ? [] : ['version'])];
	const text =
		all.length === 0
			? 'nothing'
			: `${all.join(', ')}: all must hold at once for ${exactDuration(settleSeconds * 1000)}, within ${exactDuration(deadlineSeconds * 1000)}`;
	return fixed('verification', titled('Verified afterwards', text, width));
};

const changeFolds = ({ changes = [] }: Plan, width: number): Fold[] => {
	if (changes.length === 0) {
		return [];
	}
	const { told, untouched } = sortedChanges(changes);
	const services = Math.max(0, ...told.map(({ service }) => widthOf(service)));
	return [
		fixed('changes', [
			line(' What changes', 'strong'),
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
					: [begins, ...paragraph(why, width, '     ', 'muted')];
			}),
			...(untouched.length === 0 ? [] : paragraph(`not touched: ${untouched.join(', ')}`, width, '   ', 'muted')),
		]),
	];
};

/** @param whole whether its detail is broken into rows; else it is cut off where the row ends */
const preconditionRows = (
	{ title, state, detail }: Plan['preconditions'][number],
	width: number,
	whole: boolean,
): Line[] => {
	const sign = checkSigns[state];
	const head: Line = [
		span(`   ${sign.glyph} `, sign.tone),
		span(title),
		span(state === 'passed' ? '' : ` ${sign.word}`, sign.tone),
	];
	if (detail === '') {
		return [head];
	}
	return lineWidth(head) + 2 + widthOf(detail) <= width || !whole
		? [[...head, span(`  ${detail}`, state === 'passed' ? 'muted' : 'plain')]]
		: [head, ...paragraph(detail, width, '     ')];
};

const preflightFolds = (plan: Plan, width: number): Fold[] => {
	const passed = plan.preconditions.filter(({ state }) => state === 'passed');
	if (passed.length === 0) {
		return [];
	}
	const words =
		passed.length === plan.preconditions.length
			? preflightInWords(plan)
			: `${plural(passed.length, 'pre-flight check')} ${passed.length === 1 ? 'passes' : 'pass'}`;
	return [
		{
			id: 'preflight',
			head: [[], [span(' ▸ '), span('✓ ', 'good'), span(words)]],
			body: passed.flatMap((one) => preconditionRows(one, width, true)),
			section: true,
		},
	];
};
