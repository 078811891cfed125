import { type Line, line, span, type Tone, wrap } from '../../components/line.ts';
import type { Suggestion } from '../../runbook/diagnose.ts';
import { nextProcedure, nothingFits } from '../../runbook/next-procedure.ts';
import type { Run } from '../../runbook/run.ts';
import { type Changed, whatChanged } from '../../runbook/what-changed.ts';
import type { ProcedureSummary } from '../../stores/workspace.ts';
import type { RunFacts } from './verdict-headline.ts';

/** What to do after a run that was not successful. */
export interface NextStep {
	/** The procedure that the readings suggest now; undefined if none of the runbook fits. */
	readonly procedure?: ProcedureSummary;
	/** The reason, or other help. */
	readonly words: string;
}

const verdictOf = ({ run, verification }: RunFacts) =>
	verification?.final === true ? verification.verdict : run.verified?.verdict;

/** True when its steps have ended, and its verification too, if there is one. */
const isOver = ({ run, following, verification }: RunFacts): boolean =>
	following.status !== 'lost' &&
	!['running', 'unknown'].includes(run.state) &&
	(run.state !== 'succeeded' || verification?.final !== false);

/**
 * Returns what to do next, from the current readings; undefined while the run or its verification is in progress, and once all is well.
 * After a failed verification there is always something.
 */
export const nextStep = (
	facts: RunFacts,
	suggestion: Suggestion | undefined,
	procedures: readonly ProcedureSummary[],
): NextStep | undefined => {
	const { run } = facts;
	const verdict = verdictOf(facts);
	if (!isOver(facts) || verdict === 'passed') {
		return undefined;
	}
	const next = nextProcedure(procedures, suggestion, run.plan.procedure);
	if (next !== undefined) {
		return { procedure: next.procedure, words: `plans ${next.words}` };
	}
	if (verdict !== 'failed') {
		return undefined;
	}
	const back = run.facts.restore_point === undefined ? '' : '; U plans the way back';
	return { words: `${nothingFits}. Enter shows which check fails, and why${back}` };
};

/** Notes get this part of the screen's rows, and these many in any case. */
const noteShare = 1 / 4;
const leastNoteRows = 4;

const labelled = (label: string, text: string, width: number, most: number, tone: Tone, key?: string): Line[] => {
	const indent = label.length + 3 + (key === undefined ? 0 : key.length + 1);
	return wrap(text, Math.max(8, width - indent - 1))
		.slice(0, most)
		.map((row, index) =>
			index > 0
				? line(' '.repeat(indent) + row, tone)
				: [span(` ${label}  `, 'strong'), ...(key === undefined ? [] : [span(`${key} `, 'accent')]), span(row, tone)],
		);
};

const changedInWords = ({ services, commit }: Changed): string =>
	[...services, ...(commit === undefined ? [] : [`commit ${commit.from.slice(0, 7)} → ${commit.to.slice(0, 7)}`])].join(
		'; ',
	);

/** Returns the rows of notes, as many whole ones as fit, and how many more there are. */
const noteRows = (notes: readonly string[], width: number, most: number): Line[] => {
	const blocks = notes.map((note) => labelled('To know', note, width, leastNoteRows, 'warn'));
	const rows: Line[] = [];
	let shown = 0;
	for (const block of blocks) {
		const isLast = shown === blocks.length - 1;
		if (shown > 0 && rows.length + block.length + (isLast ? 0 : 1) > most) {
			break;
		}
		rows.push(...block);
		shown++;
	}
	const left = blocks.length - shown;
	return left === 0
		? rows
		: [
				...rows,
				line(`          and ${left === 1 ? 'one more note' : `${left} more notes`}: p writes the report`, 'warn'),
			];
};

/**
 * Returns rows with what to do now, what was changed, and what to know; none while the run is running.
 *
 * @param size of the screen, in cells
 */
export const afterRunRows = (
	facts: RunFacts,
	next: NextStep | undefined,
	{ columns: width, rows }: { readonly columns: number; readonly rows: number },
): Line[] => {
	const { run } = facts;
	if (!isOver(facts)) {
		return [];
	}
	const changed = changedInWords(whatChanged(run));
	return [
		...(next === undefined
			? []
			: labelled('Next', next.words, width, 2, 'plain', next.procedure === undefined ? undefined : 'o')),
		...(changed === '' ? [] : labelled('Changed', changed, width, 2, 'plain')),
		...noteRows(notesOf(run), width, Math.max(leastNoteRows, Math.floor(rows * noteShare))),
	];
};

/** Notes apply only after a change. */
const notesOf = ({ plan, state }: Run): readonly string[] => (state === 'succeeded' ? plan.notes : []);
