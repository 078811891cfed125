import { type CapturedReadings, capturedAt } from '../captured-readings.ts';
import { fromMasked, type Masked } from '../masked.ts';
import { changes } from '../risk.ts';
import { answerInWords, type Run, type RunSummary } from '../run.ts';
import { maskPlan } from '../secrets.ts';
import { maskDeep, maskText, secretValues } from '../secrets-deep.ts';
import type { ShellNote } from '../shell-note.ts';
import { isUnchecked, uncheckedWords } from '../unchecked.ts';
import { changesOf } from './changes.ts';
import type { Report } from './report.ts';
import { clockDifference, formatOperator, isoTime, timelineOf } from './timeline.ts';

/** The input of a report. */
export interface ReportParts {
	readonly run: Run;
	/** The end of the run's output, as text; unsanitised. */
	readonly output: string;
	/** True when there is earlier output. */
	readonly outputLeftOut: boolean;
	/** Other runs of the journal. */
	readonly runs: readonly RunSummary[];
	/** Shells that were opened in the deployment's containers; those near the run are in its timeline. */
	readonly shells?: readonly ShellNote[];
	readonly source: { readonly from: 'host' | 'copy'; readonly asOf: number; readonly note?: string };
	/** Values that are masked everywhere, besides those of the plan. */
	readonly secrets?: readonly string[];
	/** ms since the epoch. */
	readonly now: number;
	/** Maximum number of lines of output. */
	readonly lines: number;
	/** Sanitises one line of text. */
	readonly clean: (line: string) => string;
}

/** Returns one sentence with what is known for certain about a run. */
const outcomeOf = (run: Run): string => {
	const { state, verified, plan } = run;
	switch (state) {
		case 'succeeded':
			if (verified !== undefined) {
				return verified.verdict === 'passed'
					? 'All steps done and verified.'
					: `All steps done, but verification ${verified.verdict === 'failed' ? 'failed' : 'is unknown'}: ${verified.reason}.`;
			}
			return isUnchecked(plan) ? `All steps done; ${uncheckedWords(plan)}.` : 'All steps done, not verified.';
		case 'running':
			return 'It is still running.';
		case 'unknown':
			return run.gone
				? 'Unknown: the folder of the run was deleted on the host before it had ended.'
				: 'Unknown: the host could not be reached.';
		case 'lost':
			return run.lostBy === 'restart'
				? 'Unknown: the host was restarted before the run had ended.'
				: 'Unknown: its supervisor died before the run had ended.';
		default: {
			const at = run.steps.findIndex((step) => step.state === 'failed' || step.state === 'timed-out');
			const where = at < 0 ? '' : ` at step ${at + 1} (${plan.steps[at]?.title ?? run.steps[at]?.id})`;
			const by = state === 'cancelled' && run.cancelledBy !== undefined ? ` by ${formatOperator(run.cancelledBy)}` : '';
			return `${{ failed: 'Failed', 'timed-out': 'Timed out', cancelled: 'Cancelled' }[state]}${where}${by}.`;
		}
	}
};

const observation = (observed: CapturedReadings | undefined): Report['before'] =>
	observed && {
		at: isoTime(observed.at),
		by: observed.by,
		seen: observed.seen.map(({ what, state, said, stale }) => ({ what, state, said, stale })),
	};

const stepsOf = (run: Run): Report['steps'] =>
	run.plan.steps.map((planned, index) => {
		const step = run.steps[index];
		return {
			number: index + 1,
			id: planned.id,
			title: planned.title,
			kind: planned.kind,
			state: step?.state ?? 'pending',
			...(step?.startedAt !== undefined && { startedAt: isoTime(step.startedAt) }),
			...(step?.endedAt !== undefined && { endedAt: isoTime(step.endedAt) }),
			...(step?.exitCode !== undefined && { exitCode: step.exitCode }),
			mayFail: planned.mayFail === true,
			...(planned.summary !== undefined && { summary: planned.summary }),
			script: planned.script,
			...(planned.text !== undefined && { text: planned.text }),
			...(step?.answer !== undefined && {
				answer: `${answerInWords(step.answer)}, ${formatOperator(step.answer.who)}, ${isoTime(step.answer.at)}${step.answer.reason === '' ? '' : `: ${step.answer.reason}`}`,
			}),
		};
	});

const verificationOf = ({ verified }: Run): Report['verification'] =>
	verified && {
		verdict: verified.verdict,
		reason: verified.reason,
		at: isoTime(verified.at),
		by: verified.by,
		checks: verified.checks.map(({ id, title, state, reason, asked, evidence, at }) => ({
			id,
			title,
			state,
			reason,
			asked,
			evidence,
			...(at > 0 && { at: isoTime(at) }),
		})),
	};

const undoProcedure = 'undo';

interface RelatedRun {
	readonly relation: Report['related'][number]['relation'];
	readonly summary: RunSummary;
}

const relatedOf = (run: Run, runs: readonly RunSummary[]): readonly RelatedRun[] => {
	const origins = [run.plan.retryOf?.run, run.plan.environment.from_run];
	const relation = (summary: RunSummary): RelatedRun['relation'] | undefined => {
		if (summary.from === run.id) {
			return summary.procedure === undoProcedure ? 'undone-by' : 'gone-on-with-by';
		}
		if (origins.includes(summary.id)) {
			return run.plan.procedure === undoProcedure ? 'undoes' : 'goes-on-with';
		}
		return undefined;
	};
	return runs
		.filter(({ id }) => id !== run.id)
		.flatMap((summary): RelatedRun[] => {
			const found = relation(summary);
			return found === undefined ? [] : [{ relation: found, summary }];
		})
		.sort((a, b) => a.summary.startedAt - b.summary.startedAt);
};

const undoOf = (run: Run, related: ReturnType<typeof relatedOf>): Report['undo'] => {
	const done = related.find(({ relation, summary }) => relation === 'undone-by' && summary.state === 'succeeded');
	if (!changes(run.plan)) {
		return { possible: false, why: 'it was read-only, so there is nothing to undo' };
	}
	if (run.facts.cannot_be_undone !== undefined) {
		return { possible: false, why: run.facts.cannot_be_undone };
	}
	if (run.facts.restore_point === undefined) {
		return {
			possible: false,
			why:
				run.pruned === undefined
					? 'no restore point is known: it ended before anything was saved, or its procedure saves none'
					: 'its restore point was pruned',
		};
	}
	const command = `backout undo ${run.id}`;
	if (run.state === 'running' || run.state === 'unknown') {
		return { possible: true, command, why: `it may still be running: stop it first with backout cancel ${run.id}` };
	}
	return {
		possible: true,
		command,
		...(done !== undefined && { why: `it was undone already, by run ${done.summary.id}` }),
	};
};

const cleanDeep = <T>(value: T, clean: (line: string) => string): T =>
	JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
		typeof part === 'string' ? part.split('\n').map(clean).join('\n') : part,
	) as T;

/** Returns the end of the output, limited to a number of lines. */
const outputOf = (
	{ run, output, outputLeftOut, lines, clean }: ReportParts,
	secrets: readonly string[],
): Masked<Report['output']> =>
	fromMasked(maskText(output.replace(/\n$/, ''), secrets), (masked) => {
		const all = masked === '' ? [] : masked.split('\n');
		const shown = lines === 0 ? [] : all.slice(-lines);
		return {
			bytes: run.outputBytes,
			leftOut: outputLeftOut || shown.length < all.length,
			lines: shown.map(clean),
		};
	});

/** Builds the report of a run in any state, as far as the run can be read. Text is masked, then sanitised. */
export const buildReport = (parts: ReportParts): Masked<Report> => {
	const { run, runs, source, now, clean, shells = [] } = parts;
	const secrets = [...(parts.secrets ?? []), ...secretValues(run.plan)].sort((a, b) => b.length - a.length);
	const plan = maskPlan(run.plan);
	const related = relatedOf(run, runs);
	const before = capturedAt(run.readings, 'before');
	const difference = clockDifference(run);
	const report: Omit<Report, 'output'> = {
		version: 1,
		madeAt: isoTime(now),
		source: { from: source.from, asOf: isoTime(source.asOf), ...(source.note !== undefined && { note: source.note }) },
		run: run.id,
		procedure: plan.procedure,
		title: plan.title,
		risk: plan.risk,
		target: plan.target,
		host: plan.host,
		directory: plan.directory,
		project: plan.project,
		who: run.who,
		reason: run.reason,
		startedAt: isoTime(run.startedAt),
		...(run.endedAt !== undefined && { endedAt: isoTime(run.endedAt) }),
		state: run.state,
		...(run.exitCode !== undefined && { exitCode: run.exitCode }),
		outcome: outcomeOf(run),
		...(before?.suspectedStart !== undefined && {
			suspectedStart: { at: isoTime(before.suspectedStart.at), why: before.suspectedStart.why },
		}),
		timeline: timelineOf(
			run,
			related.map(({ summary }) => summary),
			{ shells, now },
		),
		...(difference !== undefined && { clockDifferenceSeconds: Math.round(difference / 1000) }),
		inputs: plan.inputs.map(({ name, title, value, detail }) => ({ name, title, value, detail })),
		preconditions: plan.preconditions.map(({ title, state, detail }) => ({ title, state, detail })),
		...(before !== undefined && { before: observation(before) }),
		...(capturedAt(run.readings, 'after') !== undefined && { after: observation(capturedAt(run.readings, 'after')) }),
		steps: stepsOf(run),
		changes: [...changesOf(run)],
		...(run.verified !== undefined && { verification: verificationOf(run) }),
		related: related.map(({ relation, summary: { id, title, startedAt, who, state, verdict } }) => ({
			run: id,
			relation,
			title,
			startedAt: isoTime(startedAt),
			who,
			state,
			...(verdict !== undefined && { verdict }),
		})),
		undo: undoOf(run, related),
		notes: [
			...(run.damaged === undefined ? [] : [`The records of this run are damaged: ${run.damaged}.`]),
			...(run.pruned === undefined ? [] : [`Its output and plan were pruned: ${run.pruned.why}.`]),
			...plan.notes,
		],
	};
	return fromMasked(maskDeep(report, secrets), (masked) => ({
		...cleanDeep(masked, clean),
		output: outputOf(parts, secrets),
	}));
};
