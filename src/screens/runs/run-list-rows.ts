import { dayAndTime, moment, stopwatch, zoneName } from '../../components/format-time.ts';
import { type Line, line, type Span, span, widthOf } from '../../components/line.ts';
import { windowStart } from '../../components/scroll.ts';
import { checkSigns, runSigns, waitsSign } from '../../components/status-icons.ts';
import { type Column, fitColumns, selectedRow, tableHead, tableRow } from '../../components/table.ts';
import type { RunSummary } from '../../runbook/run.ts';

const columns: readonly Column[] = [
	{ title: '', width: 1 },
	{ title: 'STARTED', width: 13 },
	{ title: 'PROCEDURE', width: 16, grows: true },
	{ title: 'STATE', width: 11 },
	{ title: 'VERIFIED', width: 12, drop: 1 },
	{ title: 'TOOK', width: 7, align: 'right', drop: 3 },
	{ title: 'WHO', width: 16, drop: 2 },
	{ title: 'REASON', width: 18, grows: true, drop: 4 },
	{ title: 'RUN', width: 24, drop: 5 },
];

/** Cells of a reason that come before the run's id. */
const readableReason = 40;

/**
 * Returns the columns: the time zone in the title of the times, and no more width for a procedure, a name or a reason than the longest.
 * The id of the run is there only if all of these are whole.
 */
const columnsFor = (runs: readonly RunSummary[], now: number, width: number): readonly Column[] => {
	const longest = (textOf: (run: RunSummary) => string) => Math.max(...runs.map((run) => widthOf(textOf(run))));
	const fitted = columns.map((column) => {
		switch (column.title) {
			case 'STARTED':
				return { ...column, title: `STARTED ${zoneName(now)}` };
			case 'PROCEDURE':
				return {
					...column,
					most: Math.max(
						column.width,
						longest(({ title }) => title),
					),
				};
			case 'WHO':
				return { ...column, width: Math.min(column.width, Math.max(widthOf(column.title), longest(whoOf))) };
			case 'REASON': {
				const most = longest((run) => reasonWord(run).text);
				return most > 0 ? { ...column, most: Math.max(column.width, most) } : { ...column, grows: false };
			}
			default:
				return column;
		}
	});
	const wishes = fitted.map(({ title, width, most = width }) =>
		title === 'REASON' ? Math.min(most, readableReason) : most,
	);
	const whole = wishes.reduce((sum, wish) => sum + wish, fitted.length - 1);
	return whole <= width ? fitted : fitted.filter(({ title }) => title !== 'RUN');
};

const whoOf = ({ who }: RunSummary): string => `${who.user}@${who.machine}`;

/** Returns the sign of the whole run: a run that is not verified is not well yet. */
const signOf = ({ state, verdict, unchecked }: RunSummary): { readonly glyph: string; readonly tone: Span['tone'] } =>
	state === 'succeeded' && (verdict !== undefined || unchecked !== true)
		? checkSigns[verdict ?? 'unknown']
		: runSigns[state];

/** Returns the result of the verification; for a run that was undone, when. */
const verdictWord = (run: RunSummary, all: readonly RunSummary[], now: number): Span => {
	const undo = all.find(
		({ procedure, from, state }) => procedure === 'undo' && from === run.id && state === 'succeeded',
	);
	if (undo !== undefined) {
		return span(`undone ${moment(undo.startedAt, now)}`, 'warn');
	}
	if (run.verdict !== undefined) {
		const sign = checkSigns[run.verdict];
		return span(`${sign.glyph} ${sign.word}`, sign.tone);
	}
	return run.state === 'succeeded' && run.unchecked !== true ? span('? not yet', 'warn') : span('–', 'muted');
};

/** Returns the reason of the run; before that, the other host on which it lives, what it waits for, or what is missing of it. */
const reasonWord = ({ waits, damaged, pruned, reason, node }: RunSummary): Span => {
	if (node !== undefined) {
		return span(`on ${node}. ${reason}`, 'warn');
	}
	if (waits !== undefined) {
		return span(`for you: ${waits}`, 'warn');
	}
	if (damaged !== undefined) {
		return span(`damaged: ${damaged} ${reason}`, 'warn');
	}
	return span(pruned === undefined ? reason : `pruned: ${pruned.why}. ${reason}`, 'muted');
};

/**
 * Returns a row per run of the journal, newest first.
 *
 * @param filter by which the runs were found; empty: they are all
 * @param isWhole false: the runs of some hosts are missing
 */
export const runListRows = (
	runs: readonly RunSummary[],
	selected: string | undefined,
	now: number,
	size: { readonly width: number; readonly height: number },
	{ filter = '', isWhole = true }: { readonly filter?: string; readonly isWhole?: boolean } = {},
): Line[] => {
	if (runs.length === 0) {
		const nothing = isWhole
			? ' Nothing has been run here yet.'
			: ' Nothing has been run by way of the hosts that answer.';
		return [line(filter === '' ? nothing : ' nothing matches', 'muted')];
	}
	const shown = columnsFor(runs, now, size.width - 2);
	const widths = fitColumns(shown, size.width - 2);
	const room = Math.max(1, size.height - 1);
	const at = Math.max(
		0,
		runs.findIndex(({ id }) => id === selected),
	);
	const from = windowStart(runs.length, at, room);
	return [
		[span(' '), ...tableHead(shown, widths)],
		...runs.slice(from, from + room).map((run) => {
			const stateWord = run.waits === undefined ? runSigns[run.state] : waitsSign;
			const sign = run.waits === undefined ? signOf(run) : waitsSign;
			const row: Line = [
				span(' '),
				...tableRow(
					[
						span(sign.glyph, sign.tone),
						span(dayAndTime(run.startedAt)),
						span(run.title),
						span(stateWord.word, stateWord.tone),
						verdictWord(run, runs, now),
						span(run.endedAt === undefined ? '' : stopwatch(run.endedAt - run.startedAt), 'muted'),
						span(whoOf(run)),
						reasonWord(run),
						span(run.id, 'muted'),
					],
					shown,
					widths,
				),
			];
			return run.id === selected ? selectedRow(row) : row;
		}),
	];
};
