import { plural } from '../components/figures.ts';
import { compareInputs } from '../runbook/inputs-compared.ts';
import { ownCommand } from '../runbook/own-command.ts';
import type { Plan } from '../runbook/plan.ts';
import { changes } from '../runbook/risk.ts';
import { shownPlan } from '../runbook/secrets-deep.ts';
import type { Output } from './output/events.ts';
import { bold, dim, glyph, safe, table, yellow } from './print.ts';

export type TargetOutcome = Extract<Output, { type: 'targets' }>['targets'][number];

/** Joins names: `a, b and c`. */
export const namesInWords = (names: readonly string[]): string =>
	names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** Returns what the plans for several targets have in common, and where their inputs differ; the outline of each follows it. */
export const plansText = (plans: readonly Plan[]): string => summary(plans.map(shownPlan));

const summary = (plans: readonly Plan[]): string => {
	const [first] = plans;
	return [
		`${bold(safe(first?.title ?? ''))}  ${dim(`${first?.procedure}, ${first?.risk}`)}`,
		`on ${plural(plans.length, 'target')}, one after the other; the next begins when the one before is verified`,
		...plans.map(
			({ target, host, directory }, index) =>
				`  ${index + 1}. ${bold(safe(target))} (${safe(host)}), ${safe(directory)}`,
		),
		...compareInputs(plans).flatMap(({ title, same, values }) =>
			same
				? [`${safe(title)}: ${bold(safe(values[0]?.input?.value ?? ''))} on all`]
				: [
						`${yellow('!')} ${safe(title)} ${bold('differs')}:`,
						...values.map(({ target, input }) =>
							input === undefined
								? `  ${safe(target)}: takes no such input`
								: `  ${safe(target)}: ${bold(safe(input.value))}  ${safe(input.detail)}`,
						),
					],
		),
	].join('\n');
};

const outcomeWords: Readonly<Record<TargetOutcome['outcome'], string>> = {
	verified: 'done and verified',
	done: 'done',
	failed: 'failed',
	unverified: 'steps done, but verification did not pass',
	refused: 'refused, nothing was changed',
	unknown: 'outcome unknown',
	cancelled: 'cancelled',
	left: 'no longer followed, its run continues on the host',
	'not-begun': 'not begun',
};

const signOf = ({ outcome }: TargetOutcome): string => {
	switch (outcome) {
		case 'verified':
		case 'done':
			return glyph('ok');
		case 'not-begun':
			return dim('·');
		case 'unknown':
		case 'left':
			return glyph('unknown');
		default:
			return glyph('failed');
	}
};

/** Returns what became of each target, and the commands that undo those that are done if it stopped before the end. */
export const outcomesText = (plans: readonly Plan[], outcomes: readonly TargetOutcome[]): string => {
	const rows = outcomes.map((one) => [
		`${signOf(one)} ${bold(safe(one.target))}`,
		outcomeWords[one.outcome] + (one.reason === undefined ? '' : `: ${safe(one.reason)}`),
		one.run === undefined ? '' : dim(`run ${one.run}`),
	]);
	const stopped = outcomes.some(({ outcome }) => outcome !== 'verified' && outcome !== 'done');
	const done = outcomes.flatMap(({ target, outcome, run }, index) => {
		const plan = plans[index];
		const isDone = outcome === 'verified' || outcome === 'done';
		return isDone && run !== undefined && plan !== undefined && changes(plan)
			? [`  to undo ${safe(target)}: ${ownCommand(['undo', run], target)}`]
			: [];
	});
	return [table(rows), ...(stopped ? done : [])].join('\n');
};
