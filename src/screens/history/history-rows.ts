import { dayAndTime, duration, zoneName } from '../../components/format-time.ts';
import { type Line, line, type Span, span } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import { checkSigns, runSigns } from '../../components/status-icons.ts';
import { type Column, fitColumns, selectedRow, tableHead, tableRow } from '../../components/table.ts';
import type { PastDeployment } from '../../runbook/history.ts';

const columns: readonly Column[] = [
	{ title: '', width: 1 },
	{ title: 'DEPLOYED', width: 13 },
	{ title: 'VERSION', width: 12 },
	{ title: 'WHAT', width: 16, grows: true },
	{ title: 'FOR', width: 8, drop: 2 },
	{ title: 'RESULT', width: 12, drop: 1 },
	{ title: 'WHO', width: 14, drop: 3 },
	{ title: 'HOW', width: 16, grows: true, drop: 4 },
	{ title: 'RUN', width: 24, drop: 5 },
];

/** Identifies a deployment in the list. */
export const deploymentId = ({ at, source, run }: PastDeployment): string => run ?? `${source} ${at}`;

/** Names the version: the commit, else the first image. */
const versionOf = ({ commit, images }: PastDeployment): string =>
	commit?.slice(0, 9) ?? images[0]?.imageId.replace(/^sha256:/, '').slice(0, 12) ?? '?';

const whatOf = ({ subject, images, how }: PastDeployment): string =>
	subject ?? (images.length === 0 ? how : [...new Set(images.map(({ image }) => image))].join(', '));

/** What came of it: the outcome of the run, else the last verdict on its commit. */
const resultOf = ({ state, verdict, unchecked, blocked }: PastDeployment): Span => {
	if (blocked === true) {
		return span('✗ blocked', 'bad');
	}
	if (state !== undefined && state !== 'succeeded') {
		return span(`${runSigns[state].glyph} ${runSigns[state].word}`, runSigns[state].tone);
	}
	if (verdict === undefined) {
		return unchecked === true ? span('– no checks', 'muted') : span('? not yet', 'warn');
	}
	return span(`${checkSigns[verdict].glyph} ${checkSigns[verdict].word}`, checkSigns[verdict].tone);
};

/** Returns a row per deployment, newest first. */
export const historyRows = (
	deployments: readonly PastDeployment[],
	selected: string | undefined,
	now: number,
	size: { readonly width: number; readonly height: number },
	filter = '',
): Line[] => {
	if (deployments.length === 0) {
		return [line(filter === '' ? ' Nothing on the host shows a deployment.' : ' nothing matches', 'muted')];
	}
	const titled = columns.map((column) =>
		column.title === 'DEPLOYED' ? { ...column, title: `SINCE ${zoneName(now)}` } : column,
	);
	const widths = fitColumns(columns, size.width - 2);
	const room = Math.max(1, size.height - 1);
	const at = Math.max(
		0,
		deployments.findIndex((one) => deploymentId(one) === selected),
	);
	const from = windowStart(deployments.length, at, room);
	return [
		[span(' '), ...tableHead(titled, widths)],
		...deployments.slice(from, from + room).map((one) => {
			const isNow = one.until === undefined;
			const row: Line = [
				span(' '),
				...tableRow(
					[
						span(isNow ? '●' : ' ', 'accent'),
						span(dayAndTime(one.at)),
						span(versionOf(one), isNow ? 'accent' : 'plain'),
						span(whatOf(one)),
						span(duration((one.until ?? now) - one.at), 'muted'),
						resultOf(one),
						span(one.by ?? '–', one.by === undefined ? 'muted' : 'plain'),
						one.node === undefined ? span(one.how, 'muted') : span(`on ${one.node}: ${one.how}`, 'warn'),
						span(one.run ?? '', 'muted'),
					],
					columns,
					widths,
				),
			];
			return deploymentId(one) === selected ? selectedRow(row) : row;
		}),
	];
};
