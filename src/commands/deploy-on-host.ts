import type { Session } from '../application/fleet/session.ts';
import { objection } from '../application/plans/make-plan.ts';
import { undoPlan } from '../application/restore/undo.ts';
import { type GuardTimes, notAskedByHost, type PlanOnHost, planOnHost } from '../application/runs/guard-on-host.ts';
import type { Confirmed } from '../application/runs/run-plan.ts';
import { shortDuration } from '../components/format-time.ts';
import { BackoutError, messageOf } from '../runbook/errors.ts';
import { guardEndOf } from '../runbook/guard-run.ts';
import { readRun } from '../services/runner/runner.ts';
import { codeOfRun } from './exit-code.ts';
import { printRun } from './follow-run.ts';
import { printNotAsked, withReason } from './guard-on-host.ts';
import { type GuardOutcome, outcomeOfGuard } from './guard-outcome.ts';
import type { Output } from './output/events.ts';
import { bold, printError, safe } from './print.ts';
import { startConfirmed } from './run.ts';

export type DeployOutcome = Extract<Output, { type: 'deployed' }>['outcome'];

/** The result of a deployment. */
export interface Ended {
	readonly outcome: DeployOutcome;
	readonly reason: string;
	readonly exitCode: number;
	/** The run that deployed. */
	readonly run?: string;
	/** The run that undid it. */
	readonly undo?: string;
}

const guardEnds: Readonly<Partial<Record<GuardOutcome, DeployOutcome>>> = {
	well: 'well',
	failing: 'failed',
	'rolled-back': 'undone',
	'rollback-refused': 'undo-refused',
	'rollback-unverified': 'undo-unverified',
	'rollback-unknown': 'undo-unknown',
	'rollback-failed': 'undo-failed',
};

/** The machine that watches a deployment afterwards: the host, or this one. */
export interface WatchPlace {
	/** The host watches by itself. */
	readonly onHost: boolean;
	/** Why it does not. Unsanitised. */
	readonly because: readonly string[];
}

/** Decides where a deployment is watched: on the host if it can ask all checks by itself, unless the options say where. */
export const watchPlace = async (
	session: Session,
	{ onHost, here, undo }: { readonly onHost?: boolean; readonly here?: boolean; readonly undo: boolean },
	signal: AbortSignal,
): Promise<WatchPlace> => {
	if (here === true || !undo) {
		return { onHost: false, because: [] };
	}
	if (onHost === true) {
		return { onHost: true, because: [] };
	}
	const because = await notAskedByHost(session, signal).catch((error: unknown) => {
		signal.throwIfAborted();
		return [messageOf(error)];
	});
	return { onHost: because.length === 0, because };
};

/** Plans the guard on the host of a deployment that was verified. A text: why there can be none, since its undo would be refused. */
export const planWatchOnHost = async (
	session: Session,
	run: string,
	times: GuardTimes,
	signal: AbortSignal,
): Promise<PlanOnHost | string> => {
	const undo = await undoPlan(session, run, signal);
	return objection(undo)?.message ?? planOnHost(session, { plan: undo }, { ...times, wellAtStart: true }, signal);
};

/** Lets the host watch a deployment that was verified, and undo it if its checks fail; follows that to the end. */
export const watchOnHost = async (
	session: Session,
	plan: PlanOnHost,
	{
		run,
		times,
		confirmed,
		json,
	}: { readonly run: string; readonly times: GuardTimes; readonly confirmed: Confirmed; readonly json: boolean },
	signal: AbortSignal,
): Promise<Ended> => {
	if (!json) {
		printError(`The host watches ${bold(safe(plan.target))} for ${shortDuration(times.forMs)}`);
		printNotAsked(plan);
	}
	const reason = withReason(`deploy, run ${run}`, confirmed.reason);
	const guard = await startConfirmed(session, plan, { ...confirmed, reason }, json, signal);
	await printRun(session, guard, { json, signal });
	const watched = await readRun(session.host, session.target, guard, signal);
	const { outcome, exitCode } = outcomeOfGuard(watched, codeOfRun(watched, undefined));
	const seen = guardEndOf(watched)?.reason ?? `the guard is ${watched.state}`;
	if (outcome === 'stood-down') {
		throw new BackoutError('refused', `the guard stood down: ${seen}`, {
			host: session.host.name,
			run,
			next: `run ${run} is deployed and verified; to undo it: \`backout undo ${run}\``,
		});
	}
	const ended = guardEnds[outcome] ?? 'unknown';
	return { outcome: ended, reason: seen, run, exitCode, ...(ended.startsWith('und') && { undo: guard }) };
};
