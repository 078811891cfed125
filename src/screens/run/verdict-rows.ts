import { shortDuration } from '../../components/format-time.ts';
import { type Line, line, lineWidth, linkSpan, span, widthOf, wrap } from '../../components/line.ts';
import type { AlertReading } from '../../runbook/reading.ts';
import type { Run } from '../../runbook/run.ts';
import { type Link, linkLabel } from '../../runbook/runbook.ts';
import type { VerdictHeadline } from './verdict-headline.ts';

const mostRows = 3;
const mostContactRows = 4;

/** Returns the links side by side, as many as fit in a row, in a few rows. */
const contactRows = (links: readonly Link[], width: number): Line[] => {
	const rows: Line[] = [];
	for (const link of links) {
		const item: Line = [span(`${link.title} `), linkSpan(linkLabel(link), link.url, 'accent')];
		const last = rows.at(-1);
		if (last !== undefined && lineWidth(last) + 3 + lineWidth(item) <= width) {
			rows[rows.length - 1] = [...last, span('   '), ...item];
		} else {
			rows.push([span(last === undefined ? ' Look at ' : ' '), ...item]);
		}
	}
	return rows.slice(0, mostContactRows);
};

/**
 * Returns the verdict in big words, its evidence (beside it, or below if it does not fit), the links of the runbook and the firing
 * alerts when help is needed, and the run's id.
 */
export const verdictRows = (
	verdict: VerdictHeadline,
	run: Run,
	contacts: { readonly links: readonly Link[]; readonly alerts: readonly AlertReading[] | undefined },
	now: number,
	width: number,
	/** What to do now, what was changed, what to know: shown below the evidence. */
	after: readonly Line[] = [],
): Line[] => {
	const words = wrap(verdict.words, width - 2).map((row) => line(` ${row} `, verdict.tone));
	const last = words.at(-1) ?? [];
	const [first = '', ...commands] = verdict.more.split('\n');
	const fits = lineWidth(last) + 1 + widthOf(first) <= width;
	const below = [
		...(fits ? [] : wrap(first, width - 2).slice(0, mostRows)),
		...commands.flatMap((row) => wrap(row, width - 2)),
	];
	const rows: Line[] = [
		...(fits ? [...words.slice(0, -1), [...last, span(` ${first}`)]] : words),
		...below.map((row) => line(` ${row}`)),
	];
	if (verdict.choices !== undefined) {
		rows.push(
			verdict.choices.flatMap(
				({ key, words: choice }, index): Line => [
					span(index === 0 ? ' ' : '   '),
					...(key === undefined ? [span(`[${choice}]`, 'selected')] : [span(key, 'accent'), span(` ${choice}`)]),
				],
			),
		);
	}
	rows.push(...after);
	if (verdict.links) {
		rows.push(...contactRows(contacts.links, width));
		if (contacts.alerts !== undefined && contacts.alerts.length > 0) {
			const alerts = contacts.alerts.map(
				({ name, startsAt }) => `${name} since ${shortDuration(Math.max(0, now - startsAt))}`,
			);
			rows.push([span(' Alerts: '), span(alerts.join(', '), 'alarm')]);
		}
	}
	rows.push([
		span(` ${run.plan.title}`, 'strong'),
		span(
			` on ${run.plan.target}${run.plan.steps.length === 0 ? '' : `, run ${run.id}, by ${run.who.user}@${run.who.machine}`}`,
			'muted',
		),
		span(run.reason === '' ? '' : `: ${run.reason}`, 'muted'),
	]);
	return rows;
};
