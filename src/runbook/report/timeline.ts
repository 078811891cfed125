import { capturedAt } from '../captured-readings.ts';
import { durationText } from '../duration.ts';
import { answerInWords, type Operator, type Run, type RunSummary, type StepRun } from '../run.ts';
import type { ShellNote } from '../shell-note.ts';
import type { Report } from './report.ts';

interface Moment {
	readonly at: number;
	readonly clock: 'host' | 'operator';
	readonly what: string;
}

export const formatOperator = ({ user, machine }: Operator): string => `${user}@${machine}`;

const ended: Readonly<Record<StepRun['state'], string>> = {
	pending: 'pending',
	running: 'running',
	succeeded: 'done',
	failed: 'failed',
	cancelled: 'cancelled',
	'timed-out': 'timed out',
	skipped: 'skipped',
};

const stepMoments = (run: Run): Moment[] =>
	run.steps.flatMap((step, index): Moment[] => {
		const title = run.plan.steps[index]?.title ?? step.id;
		const code = step.exitCode === undefined ? '' : `, exit code ${step.exitCode}`;
		return [
			...(step.startedAt === undefined
				? []
				: [{ at: step.startedAt, clock: 'host' as const, what: `Step ${index + 1} began: ${title}` }]),
			...(step.answer === undefined
				? []
				: [
						{
							at: step.answer.at,
							clock: 'host' as const,
							what: `Step ${index + 1} was answered by ${formatOperator(step.answer.who)}: ${answerInWords(step.answer)}${step.answer.reason === '' ? '' : `, ${step.answer.reason}`}`,
						},
					]),
			...(step.endedAt === undefined
				? []
				: [
						{
							at: step.endedAt,
							clock: 'host' as const,
							what: `Step ${index + 1} ${ended[step.state]}${code}: ${title}`,
						},
					]),
		];
	});

/**
 * Returns how far the host's clock is ahead of the operator's, ms: the readings before are taken at the confirmation, right before the
 * start.
 */
export const clockDifference = (run: Run): number | undefined => {
	const before = capturedAt(run.readings, 'before');
	return before === undefined ? undefined : run.startedAt - before.at;
};

/** How long before a run and after it a shell is part of its story, ms. */
const nearMs = 3_600_000;

const shellMoments = (run: Run, shells: readonly ShellNote[], now: number): Moment[] => {
	const last = run.verified?.at ?? run.endedAt ?? now;
	return shells
		.filter(({ at, endedAfterMs = 0 }) => at >= run.startedAt - nearMs && at - endedAfterMs <= last + nearMs)
		.map(({ at, who, container, service, endedAfterMs, end }) => ({
			at,
			clock: 'operator' as const,
			what:
				endedAfterMs === undefined
					? `A shell was opened in ${container} (${service}) by ${formatOperator(who)}`
					: `The shell of ${formatOperator(who)} in ${container} ended after ${durationText(endedAfterMs)}${end === undefined ? '' : `: ${end}`}`,
		}));
};

/** Lists everything that happened, in order; times of the operator's clock are converted to the host's. */
export const timelineOf = (
	run: Run,
	related: readonly RunSummary[],
	{ shells, now }: { readonly shells: readonly ShellNote[]; readonly now: number } = { shells: [], now: 0 },
): Report['timeline'] => {
	const before = capturedAt(run.readings, 'before');
	const difference = clockDifference(run) ?? 0;
	// A smaller difference comes from network latency, not from the clocks.
	const ahead = Math.abs(difference) < 10_000 ? 0 : difference;
	const stateWord = run.state === 'succeeded' ? 'all steps done' : run.state;
	const moments: Moment[] = [
		...(before?.suspectedStart === undefined
			? []
			: [
					{
						at: before.suspectedStart.at,
						clock: 'operator' as const,
						what: `Suspected start: ${before.suspectedStart.why}`,
					},
				]),
		...(run.plan.madeAt > 0 ? [{ at: run.plan.madeAt, clock: 'operator' as const, what: 'The plan was made' }] : []),
		...(before === undefined
			? []
			: [{ at: before.at, clock: 'operator' as const, what: `Confirmed by ${formatOperator(run.who)}` }]),
		{ at: run.startedAt, clock: 'host', what: `The run began: ${run.plan.title}` },
		...stepMoments(run),
		...(run.endedAt === undefined
			? []
			: [
					{
						at: run.endedAt,
						clock: 'host' as const,
						what: `The run ended: ${stateWord}${run.state === 'cancelled' && run.cancelledBy !== undefined ? ` by ${formatOperator(run.cancelledBy)}` : ''}`,
					},
				]),
		...(run.verdicts ?? (run.verified === undefined ? [] : [run.verified])).map(
			({ verdict, at, by, reason }): Moment => ({
				at,
				clock: 'operator',
				what: `Verification ${verdict}, by ${formatOperator(by)}: ${reason}`,
			}),
		),
		...(run.pruned === undefined
			? []
			: [{ at: run.pruned.at, clock: 'host' as const, what: `Output and plan were pruned: ${run.pruned.why}` }]),
		...shellMoments(run, shells, now),
		...related.map(
			({ id, title, startedAt, who }): Moment => ({
				at: startedAt,
				clock: 'host',
				what: `Run ${id} began: ${title}, by ${formatOperator(who)}`,
			}),
		),
	];
	const onHost = ({ at, clock }: Moment): number => (clock === 'host' ? at : at + ahead);
	return moments
		.map((moment, index) => ({ moment, index }))
		.sort((a, b) => onHost(a.moment) - onHost(b.moment) || a.index - b.index)
		.map(({ moment }) => ({ ...moment, at: isoTime(moment.at) }));
};

/** Formats a time as ISO 8601, UTC. An invalid time, from a damaged record, gives the epoch. */
export const isoTime = (at: number): string =>
	new Date(Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? at : 0).toISOString();
