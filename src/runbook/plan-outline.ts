import type { Plan, PlanPreview, PlanStep, Precondition } from './plan.ts';

/** Returns the preconditions that stop the run: those that failed, and those that could not be checked. */
export const unmetPreconditions = ({ preconditions }: Pick<Plan, 'preconditions'>): readonly Precondition[] =>
	preconditions.filter(({ state }) => state !== 'passed');

/** Sums up all preconditions in one line: `8 pre-flight checks pass`, or how many do not. */
export const preflightInWords = (plan: Pick<Plan, 'preconditions'>): string => {
	const [all, unmet] = [plan.preconditions.length, unmetPreconditions(plan).length];
	const checks = `pre-flight ${all === 1 ? 'check' : 'checks'}`;
	if (unmet > 0) {
		return `${unmet} of ${all} ${checks} ${unmet === 1 ? 'does' : 'do'} not pass`;
	}
	return `${all} ${checks} ${all === 1 ? 'passes' : 'pass'}`;
};

/** Describes a step beyond its title: the author's summary, or the operator's task. Empty if there is neither. */
export const stepInWords = ({ summary, text }: PlanStep): string =>
	summary ?? (text === undefined ? '' : `you: ${text.replaceAll(/\s+/g, ' ').trim()}`);

/** True for a piece of a log, whose end says most: the exception is below its traceback. */
export const isLogExcerpt = ({ title, text }: PlanPreview): boolean =>
	/\b(?:logs?|traceback|stderr)\b/i.test(title) || /^\s*Traceback \(most recent call last\)/m.test(text);

/** Returns the previews in reading order: those that help to decide, then pieces of logs. */
export const orderedPreviews = ({ previews }: Pick<Plan, 'previews'>): readonly PlanPreview[] => [
	...previews.filter((one) => !isLogExcerpt(one)),
	...previews.filter(isLogExcerpt),
];

/**
 * Shortens a preview to a number of lines: the end of a log, the beginning of anything else.
 * @returns its lines, and how many are left out before and after them
 */
export const previewExcerpt = (
	preview: PlanPreview,
	most: number,
): { readonly before: number; readonly lines: readonly string[]; readonly after: number } => {
	const lines = preview.text.trimEnd().split('\n');
	const left = Math.max(0, lines.length - most);
	return isLogExcerpt(preview)
		? { before: left, lines: lines.slice(left), after: 0 }
		: { before: 0, lines: lines.slice(0, most), after: left };
};

/** Returns the most telling line of a preview: the last one of a log; else the first, with the next one if the first only heads a list. */
export const keyLine = (preview: PlanPreview): string => {
	const lines = preview.text.split('\n').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
	if (isLogExcerpt(preview)) {
		return lines.at(-1) ?? '';
	}
	const [first = '', second = ''] = lines;
	return first.endsWith(':') ? `${first} ${second}`.trim() : first;
};
