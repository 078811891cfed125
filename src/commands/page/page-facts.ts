import { type ReadingsNow, readNow } from '../../application/watching/readings-now.ts';
import type { Line } from '../../components/line.ts';
import type { Masked } from '../../runbook/masked.ts';
import type { MissingHost } from '../../runbook/missing-host.ts';
import type { LockHolder, Run, RunSummary } from '../../runbook/run.ts';
import { waitsFor } from '../../runbook/run.ts';
import type { Target } from '../../runbook/runbook.ts';
import { maskDeep, secretValues } from '../../runbook/secrets-deep.ts';
import { verdictLine } from '../../screens/dashboard/checks-rows.ts';
import { isProduction } from '../../screens/dashboard/header-rows.ts';
import { linkLine } from '../../screens/dashboard/link-line.ts';
import { verdictHeadline } from '../../screens/run/verdict-headline.ts';
import { badgeWord, checksWord, containersWord } from '../../screens/targets/target-rows.ts';
import { askedHost, type TargetStatus, targetStatusOf } from '../../screens/targets/target-status.ts';
import { watchedBy } from '../../services/monitors/monitor-kinds.ts';
import type { OutputLines } from '../../stores/output-buffer.ts';
import type { FollowedRun, Workspace } from '../../stores/workspace.ts';
import { sanitiseLine } from '../../terminal/sanitise.ts';
import { doubtsOf, type ReadingText, readingTexts } from '../reading-texts.ts';

/** Maximum number of lines of output on the page: the last ones. */
const mostLines = 60;
/** Maximum number of runs in the timeline: the newest ones. */
const mostRuns = 15;

/** A step of a run as the page shows it. */
export interface StepFacts extends Pick<Run['steps'][number], 'state' | 'startedAt' | 'endedAt' | 'exitCode'> {
	readonly title: string;
	/** True while it waits for an operator. */
	readonly waits: boolean;
}

/** A run as the page shows it. */
export interface RunFacts extends Pick<Run, 'id' | 'who' | 'reason' | 'startedAt' | 'endedAt'> {
	readonly title: string;
	/** What is known for certain about it. */
	readonly headline: { readonly words: string; readonly tone: string; readonly more: string };
	readonly steps: readonly StepFacts[];
	readonly output: readonly string[];
	/** Number of lines of output before those. */
	readonly before: number;
}

/** A reading in words. */
export interface ReadingFacts {
	readonly state: ReadingsNow['containers']['state'];
	readonly text: string;
	readonly doubts: string;
	readonly more: readonly string[];
}

/** One target as the page shows it. */
export interface TargetFacts {
	readonly name: string;
	readonly place: string;
	readonly badge: string;
	readonly production: boolean;
	readonly status: TargetStatus;
	readonly link: Line;
	readonly linkNext: string | undefined;
	/** All checks together: in a sentence, and in a few words with the names of those that do not pass. */
	readonly verdictLine: Line;
	readonly checksLine: Line;
	readonly containersLine: Line;
	readonly now: ReadingsNow;
	readonly containersDoubts: string;
	readonly readings: readonly ReadingFacts[];
	readonly lock: LockHolder | undefined;
	/** Undefined before the journal was read. */
	readonly runs: readonly RunSummary[] | undefined;
	/** The hosts whose runs are not among these. */
	readonly runsMissing: readonly MissingHost[];
	readonly run: RunFacts | undefined;
}

/** Everything that the page shows, at one moment. */
export interface PageFacts {
	/** ms since the epoch. */
	readonly at: number;
	/** True for the last page: nothing newer will come. */
	readonly ended: boolean;
	readonly targets: readonly TargetFacts[];
}

/** A target that the page shows. */
export interface ShownTarget {
	readonly target: Target;
	readonly workspace: Workspace;
	readonly run: { get(): FollowedRun | undefined };
}

const lastLines = (output: OutputLines): Pick<RunFacts, 'output' | 'before'> => {
	const from = Math.max(output.memoryFrom, output.lineCount - mostLines);
	const lines: string[] = [];
	for (let number = from; number < output.lineCount; number++) {
		lines.push(sanitiseLine(output.line(number) ?? new Uint8Array(), { colour: false }).text);
	}
	return { output: lines, before: from };
};

/** Returns the words about a run; those of the screen name keys, which a page does not have. */
const headlineOf = (followed: FollowedRun, run: Run, now: number): RunFacts['headline'] => {
	const following = followed.following.get();
	const verification = followed.verification.get();
	const { words, tone, more } = verdictHeadline({ run, following, verification }, now);
	const waits = waitsFor(run);
	if (following.status === 'lost') {
		return { words, tone, more: following.reason ?? '' };
	}
	if (waits !== undefined) {
		const words =
			waits.approval === true
				? 'Waiting for the approval of another operator'
				: `Waiting for an operator: ${waits.title}`;
		return { words, tone, more: waits.text.replaceAll(/\s+/g, ' ').trim() };
	}
	const isTold = run.state === 'running' || run.state === 'succeeded';
	const saved = run.facts.restore_point === undefined ? '' : 'The state before it was saved, and can be restored.';
	return { words, tone, more: isTold ? more : saved };
};

const runFacts = (followed: FollowedRun, now: number): RunFacts => {
	const run = followed.run.get();
	const waits = waitsFor(run);
	return {
		id: run.id,
		title: run.plan.title,
		who: run.who,
		reason: run.reason,
		startedAt: run.startedAt,
		...(run.endedAt !== undefined && { endedAt: run.endedAt }),
		headline: headlineOf(followed, run, now),
		steps: run.steps.map(({ id, state, startedAt, endedAt, exitCode }, index) => ({
			title: run.plan.steps[index]?.title ?? id,
			state,
			...(startedAt !== undefined && { startedAt }),
			...(endedAt !== undefined && { endedAt }),
			...(exitCode !== undefined && { exitCode }),
			waits: waits?.number === index + 1,
		})),
		...lastLines(followed.output),
	};
};

const targetFacts = ({ target, workspace, run }: ShownTarget, at: number): TargetFacts => {
	const { readings } = workspace;
	const info = { ...workspace.target, readOnly: target.readOnly };
	const link = readings.link.get();
	const followed = run.get();
	const host = askedHost(workspace);
	const now = readNow({ target: info.name, host, link }, readings, watchedBy(target.runbook), at);
	const inWords = ({ entry, text, more }: ReadingText): ReadingFacts => ({
		state: entry.state === 'ok' && entry.stale ? 'unknown' : entry.state,
		text,
		doubts: doubtsOf(entry, at),
		more,
	});
	const { first, lists, rest } = readingTexts(now);
	return {
		name: info.name,
		place: info.host === 'local' ? info.directory : `${host}:${info.directory}`,
		badge: badgeWord(info),
		production: isProduction(info),
		status: targetStatusOf(workspace, at),
		link: linkLine(link, at),
		linkNext: link.next,
		verdictLine: verdictLine(readings.verification.get(), at),
		checksLine: [checksWord(readings.verification.get(), at)],
		containersLine: [containersWord(readings.containers.get(), at)],
		now,
		containersDoubts: doubtsOf(now.containers, at),
		readings: [...first, ...lists, ...rest].map(inWords),
		lock: readings.lock.get(),
		runs: readings.runs.get()?.slice(0, mostRuns),
		runsMissing: readings.runsMissing.get(),
		run: followed === undefined ? undefined : runFacts(followed, at),
	};
};

/** Returns what the page shows, with the secrets masked: those that look like one, and those of the plans of the runs that are shown. */
export const pageFacts = (
	shown: readonly ShownTarget[],
	{ at, ended }: Pick<PageFacts, 'at' | 'ended'>,
): Masked<PageFacts> => {
	const known = shown.flatMap(({ run }) => {
		const followed = run.get();
		return followed === undefined ? [] : secretValues(followed.run.get().plan);
	});
	return maskDeep({ at, ended, targets: shown.map((one) => targetFacts(one, at)) }, known);
};
