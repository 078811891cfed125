import type { Session } from '../application/fleet/session.ts';
import { type GuardNews, type GuardState, type Watched, watchOver } from '../application/runs/guard.ts';
import type { GuardTimes } from '../application/runs/guard-on-host.ts';
import { type Guarded, prepareGuard } from '../application/runs/prepare-guard.ts';
import { shortDuration } from '../components/format-time.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { Plan } from '../runbook/plan.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { durationOf } from './duration-option.ts';
import { printRun } from './follow-run.ts';
import {
	consentOf,
	type GuardOptions,
	printNotAsked,
	resumeById,
	startOnHost,
	tellInterrupted,
	withReason,
} from './guard-on-host.ts';
import { afterRollback, concludeGuard, type GuardResult } from './guard-outcome.ts';
import { choosePlace, type GuardPlace, printHere } from './guard-place.ts';
import { planLine } from './plan.ts';
import { bold, glyph, masked, printError, printJson, safe } from './print.ts';
import { startConfirmed } from './run.ts';
import { onceChanged } from './run-printer.ts';

/** Minimum interval between two rounds of checks, ms. */
const shortestMs = 500;

const signs: Readonly<Record<GuardState, Parameters<typeof glyph>[0]>> = {
	grace: 'warn',
	well: 'ok',
	settling: 'unknown',
	failing: 'failed',
	unknown: 'unknown',
};

const words: Readonly<Record<GuardState, string>> = {
	grace: 'fails, but does not count yet',
	well: 'well',
	settling: 'all pass, but not yet for long enough',
	failing: 'failing',
	unknown: 'unknown',
};

const rollBack = async (
	session: Session,
	{ plan }: Guarded,
	{ why, options, json }: { readonly why: string; readonly options: GuardOptions; readonly json: boolean },
	signal: AbortSignal,
): Promise<number> => {
	const id = await startConfirmed(
		session,
		plan,
		consentOf(options, `${withReason('guard', options.reason)}: ${why}`),
		json,
		signal,
	);
	const runCode = await printRun(session, id, { json, signal });
	return concludeGuard(json, { ...afterRollback(runCode), reason: why, run: id });
};

/** Parses durations before anything is contacted; their defaults depend on the target. */
export const timesOf = (
	options: Pick<GuardOptions, 'interval' | 'grace'> & { readonly for: string },
): ((settleMs: number) => GuardTimes) => {
	const forMs = durationOf('--for', options.for);
	const interval = options.interval === undefined ? undefined : durationOf('--interval', options.interval);
	const grace = options.grace === undefined ? undefined : durationOf('--grace', options.grace);
	return (lastingMs) => {
		const intervalMs = interval ?? Math.max(shortestMs, Math.min(10_000, lastingMs / 3));
		const graceMs = grace ?? Math.min(lastingMs, forMs / 2);
		if (intervalMs < shortestMs) {
			throw new BackoutError('usage', 'the interval must be at least 500 ms', { next: 'give a longer --interval' });
		}
		if (graceMs >= forMs) {
			throw new BackoutError('usage', 'no time is left to watch', {
				next: 'give a shorter --grace, or a longer --for',
			});
		}
		return { forMs, graceMs, intervalMs, lastingMs };
	};
};

/** Says that a guard begins, what it will do, and where it watches. */
const announce = (
	{ target }: Session,
	{ plan, deployedBlock }: Guarded,
	{ onHost, notAsked }: Pick<GuardPlace, 'notAsked'> & { readonly onHost: boolean },
	times: GuardTimes,
	json: boolean,
): void => {
	const { forMs, graceMs, intervalMs, lastingMs } = times;
	const startedAt = Date.now();
	if (!json) {
		const chosen = plan.inputs.map(({ title, label, detail }) => `${title}: ${label} ${detail}`.trim()).join('; ');
		printError(
			`Guarding ${bold(safe(target.name))} for ${shortDuration(forMs)}: ${bold(safe(plan.guard?.procedure ?? plan.title))} when its checks fail for ${shortDuration(lastingMs)}${chosen === '' ? '' : ` (${safe(chosen)})`}`,
		);
		if (deployedBlock !== undefined) {
			printError(`  ${glyph('warn')} the version that it watches is blocked: ${safe(deployedBlock)}`);
		}
		return;
	}
	printJson(planLine(plan));
	printJson(
		masked({
			type: 'guard',
			target: target.name,
			procedure: plan.procedure,
			startedAt,
			until: startedAt + forMs,
			graceUntil: startedAt + graceMs,
			intervalSeconds: intervalMs / 1000,
			holdSeconds: lastingMs / 1000,
			onHost,
			checks: plan.guard?.checks ?? target.runbook.verification.checks,
			...((onHost || notAsked.length > 0) && { notAsked }),
			...(deployedBlock !== undefined && { blocked: deployedBlock }),
		}),
	);
};

/** Prints a state when it has changed; a script receives each failed observation. */
const statePrinter = (json: boolean): ((news: GuardNews) => void) => {
	let last: GuardState | undefined;
	return (news) => {
		const { state, failedSeconds, reason, at } = news;
		const isNew = state !== last;
		last = state;
		if (json && (isNew || state === 'failing')) {
			printJson(masked({ type: 'guard-state', ...news }));
		}
		if (!json && isNew) {
			const counted = state === 'failing' ? ` for ${failedSeconds} s` : '';
			printError(
				`${new Date(at).toISOString().slice(11, 19)} ${glyph(signs[state])} ${words[state]}${counted}: ${safe(reason)}`,
			);
		}
		if (isNew) {
			debugLog()?.write('guard', { ...news });
		}
	};
};

/** Watches the target, and prints each new state. */
export const watch = async (
	session: Session,
	guarded: Guarded,
	{
		times,
		json,
		wellAtStart = false,
	}: { readonly times: GuardTimes; readonly json: boolean; readonly wellAtStart?: boolean },
	signal: AbortSignal,
): Promise<Watched> => {
	const record = debugLog()?.checks('guard');
	try {
		return await watchOver(session, guarded, {
			...times,
			wellAtStart,
			signal,
			onState: statePrinter(json),
			onVerification: onceChanged((verification) => {
				record?.(verification);
				if (json) {
					printJson(masked({ type: 'verification', ...verification }));
				}
			}),
		});
	} catch (error) {
		if (signal.aborted) {
			throw new BackoutError('cancelled', 'guard was interrupted: nothing was changed', {
				host: session.host.name,
				next: `\`${guarded.byHand}\` rolls back by hand`,
			});
		}
		throw error;
	}
};

/** Returns the outcome if nothing was rolled back. */
const withoutRollback = ({ verdict }: Watched): GuardResult => {
	switch (verdict) {
		case 'passed':
			return { outcome: 'well', exitCode: 0 };
		case 'failed':
			return { outcome: 'failing', exitCode: 1 };
		default:
			return { outcome: 'unknown', exitCode: 6 };
	}
};

/** Starts the guard as a run on the host, and follows it. */
const guardOnHost = (
	session: Session,
	plan: Plan,
	{ options, json }: { readonly options: GuardOptions; readonly json: boolean },
	signal: AbortSignal,
): Promise<number> => {
	if (!json) {
		printNotAsked(plan);
	}
	const confirmed = consentOf(options, withReason('guard on the host', options.reason));
	return startOnHost(session, plan, { confirmed, detach: options.detach === true, json }, signal);
};

/** Throws `usage` for options that need a guard on the host, given with --here. */
const assertFits = ({ here, detach, resume }: GuardOptions): void => {
	if (here === true && (detach === true || resume !== undefined)) {
		throw new BackoutError('usage', 'a guard that watches from here ends with this command', {
			next: `leave out --here, or ${detach === true ? '--detach' : '--resume'}`,
		});
	}
};

/**
 * `backout guard`: watches a deployment and rolls it back when its checks fail for long enough. The plan is made, confirmed and checked
 * before it begins to watch. Where the host can ask all checks by itself it watches, and this only follows.
 */
export const guard = async (globals: GlobalOptions, options: GuardOptions): Promise<number> => {
	assertFits(options);
	const json = options.json === true;
	if (options.resume !== undefined) {
		return resumeById(globals, options.resume, options);
	}
	const { for: duration, procedure } = options;
	if (duration === undefined || procedure === undefined) {
		throw new BackoutError('usage', `guard needs ${duration === undefined ? '--for' : '--procedure'}`, {
			next: '`backout guard --help` has an example',
		});
	}
	const timesFor = timesOf({ ...options, for: duration });
	return withSession(globals, async (session, signal) => {
		const times = timesFor(session.target.runbook.verification.settleMs);
		// When it acts, it adds a reason of its own.
		const consent = consentOf(options, options.reason ?? 'guard');
		const given = { inputs: options.input, allowed: options.allow };
		const told = tellInterrupted(session, signal);
		const guarded = await prepareGuard(session, procedure, given, consent, signal).finally(() => told);
		const place = await choosePlace(session, guarded, times, options, signal);
		const onHost = place.plan !== undefined;
		announce(session, { ...guarded, plan: place.plan ?? guarded.plan }, { ...place, onHost }, times, json);
		if (place.plan !== undefined) {
			return guardOnHost(session, place.plan, { options, json }, signal);
		}
		if (!json) {
			printHere(place);
		}
		const watched = await watch(session, guarded, { times, json }, signal);
		return watched.failed === undefined
			? concludeGuard(json, { ...withoutRollback(watched), reason: watched.reason })
			: rollBack(session, guarded, { why: watched.failed, options, json }, signal);
	});
};
