import { fitLine, type Line, line, pad, type Span, span } from '../../components/line.ts';
import type { Compared, ComparedSection } from './compare-targets.ts';

const labels = 18;
/** The width from which on both sides have room beside each other. */
export const besideFrom = 120;

const mark = ({ differs }: Compared): Span => (differs ? span(' ≠ ', 'warn') : span(' │ ', 'muted'));

/** Returns the rows of the page: both sides beside each other, or below each other with their names if there is little room. */
export const compareRows = (
	sections: readonly ComparedSection[],
	names: readonly [string, string],
	width: number,
): Line[] => {
	const beside = width >= besideFrom;
	const half = Math.floor((width - labels - 4) / 2);
	const name = Math.min(14, Math.max(...names.map((one) => one.length)));
	const stacked = (row: Compared): Line[] => [
		[span(` ${pad(row.label, labels - 1)} `), span(`  ${pad(names[0], name)} `, 'muted'), ...row.left],
		[
			span(' '.repeat(labels + 1)),
			span(row.differs ? '≠ ' : '  ', 'warn'),
			span(`${pad(names[1], name)} `, 'muted'),
			...row.right,
		],
	];
	return sections.flatMap(({ title, rows }, at) => [
		...(at === 0 ? [] : [[]]),
		line(` ${title}`, 'strong'),
		...rows.flatMap((row) =>
			beside
				? [
						[
							span(` ${pad(row.label, labels - 2)} `),
							...fitLine(row.left, half),
							mark(row),
							...fitLine(row.right, half),
						],
					]
				: stacked(row),
		),
	]);
};
