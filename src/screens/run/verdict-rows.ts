import { type Line, line, lineWidth, span, widthOf, wrap } from '../../components/line.ts';
import type { Run } from '../../runbook/run.ts';
import type { Verdict } from './verdict.ts';

const mostRows = 3;

/**
 * What can be said of a run: the verdict in big words, what it rests on (beside it, or below where it does not fit), the
 * links of the runbook when help is needed, and which run it is.
 */
export const verdictRows = (
	verdict: Verdict,
	run: Run,
	links: readonly { readonly title: string; readonly url: string }[],
	width: number,
): Line[] => {
	const words = wrap(verdict.words, width - 2).map((row) => line(` ${row} `, verdict.tone));
	const last = words.at(-1) ?? [];
	const fits = lineWidth(last) + 1 + widthOf(verdict.more) <= width;
	const rows: Line[] = fits
		? [...words.slice(0, -1), [...last, span(` ${verdict.more}`)]]
		: [
				...words,
				...wrap(verdict.more, width - 2)
					.slice(0, mostRows)
					.map((row) => line(` ${row}`)),
			];
	if (verdict.links && links.length > 0) {
		rows.push([
			span(' Look at '),
			...links.flatMap(({ title, url }, index) => [span(`${index === 0 ? '' : '   '}${title} `), span(url, 'accent')]),
		]);
	}
	rows.push([
		span(` ${run.plan.title}`, 'strong'),
		span(` on ${run.plan.target}, run ${run.id}, by ${run.who.user}@${run.who.machine}`, 'muted'),
		span(run.reason === '' ? '' : `: ${run.reason}`, 'muted'),
	]);
	return rows;
};
