import type { Plan, PlanPreview, PlanStep, Precondition } from './plan.ts';

/** Preconditions that stop the run: those that failed, and those that nobody could check. */
export const unmetPreconditions = ({ preconditions }: Pick<Plan, 'preconditions'>): readonly Precondition[] =>
	preconditions.filter(({ state }) => state !== 'passed');

/** All preconditions in one line: `8 pre-flight checks pass`, or how many of them do not. */
export const preflightInWords = (plan: Pick<Plan, 'preconditions'>): string => {
	const [all, unmet] = [plan.preconditions.length, unmetPreconditions(plan).length];
	const checks = `pre-flight ${all === 1 ? 'check' : 'checks'}`;
	if (unmet > 0) {
		return `${unmet} of ${all} ${checks} ${unmet === 1 ? 'does' : 'do'} not pass`;
	}
	return `${all} ${checks} ${all === 1 ? 'passes' : 'pass'}`;
};

/** What a step does, beside its title: the summary of its author, or what the operator is to do. Empty where there is neither. */
export const stepInWords = ({ summary, text }: PlanStep): string =>
	summary ?? (text === undefined ? '' : `you: ${text.replaceAll(/\s+/g, ' ').trim()}`);

/** Whether a preview is a piece of a log, of which the end tells most: the exception stands below its traceback. */
export const isLogExcerpt = ({ title, text }: PlanPreview): boolean =>
	/\b(?:logs?|traceback|stderr)\b/i.test(title) || /^\s*Traceback \(most recent call last\)/m.test(text);

/** The previews in the order in which they are read: what helps to decide, then pieces of logs. */
export const orderedPreviews = ({ previews }: Pick<Plan, 'previews'>): readonly PlanPreview[] => [
	...previews.filter((one) => !isLogExcerpt(one)),
	...previews.filter(isLogExcerpt),
];

/**
 * A preview in at most so many lines: the end of a log, the beginning of anything else.
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

/** The line of a preview that tells most: the last one of a log; else the first one, with the next where it only heads a list. */
export const keyLine = (preview: PlanPreview): string => {
	const lines = preview.text.split('\n').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
	if (isLogExcerpt(preview)) {
		return lines.at(-1) ?? '';
	}
	const [first = '', second = ''] = lines;
	return first.endsWith(':') ? `${first} ${second}`.trim() : first;
};
