import type { Session } from '../application/fleet/session.ts';
import { type GuardNews, type GuardState, type Watched, watchOver } from '../application/runs/guard.ts';
import { type Guarded, prepareGuard } from '../application/runs/prepare-guard.ts';
import { shortDuration } from '../components/format-time.ts';
import { BackoutError } from '../runbook/errors.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { durationOf } from './duration-option.ts';
import { printRun } from './follow-run.ts';
import type { Output } from './output/events.ts';
import { planLine } from './plan.ts';
import { bold, glyph, masked, print, printError, printJson, safe } from './print.ts';
import { startConfirmed } from './run.ts';
import { onceChanged } from './run-printer.ts';

export interface GuardOptions {
	readonly for: string;
	readonly procedure: string;
	readonly input: Readonly<Record<string, string>>;
	readonly interval?: string;
	readonly grace?: string;
	readonly yes?: boolean;
	readonly confirm?: string;
	readonly reason?: string;
	readonly json?: boolean;
}

/** Minimum interval between two rounds of checks, ms. */
const shortestMs = 500;

type Outcome = Extract<Output, { type: 'guarded' }>['outcome'];

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

/** Returns the outcome of the run that rolled back, by its exit code. The service may be well again; the deployment was not. */
const afterRollback = (runCode: number): { readonly outcome: Outcome; readonly exitCode: number } => {
	switch (runCode) {
		case 0:
			return { outcome: 'rolled-back', exitCode: 1 };
		case 4:
			return { outcome: 'rollback-refused', exitCode: 4 };
		case 5:
			return { outcome: 'rollback-unverified', exitCode: 5 };
		case 6:
			return { outcome: 'rollback-unknown', exitCode: 6 };
		default:
			return { outcome: 'rollback-failed', exitCode: runCode };
	}
};

const conclusions: Readonly<Record<Outcome, string>> = {
	well: 'healthy until the end',
	failing: 'unhealthy at the end, but not for long enough to roll back',
	unknown: 'the state is unknown: nothing was rolled back',
	'rolled-back': 'the deployment failed; rolled back and verified',
	'rollback-refused': 'the deployment failed, and a precondition of the rollback was not met: nothing was changed',
	'rollback-unverified': 'the deployment failed; rolled back, but verification did not pass',
	'rollback-unknown': 'the deployment failed; the outcome of the rollback is unknown',
	'rollback-failed': 'the deployment failed, and so did the rollback',
};

const conclude = (
	json: boolean,
	{ outcome, exitCode, reason, run }: { outcome: Outcome; exitCode: number; reason: string; run?: string },
): number => {
	if (json) {
		printJson(masked({ type: 'guarded', outcome, reason, ...(run !== undefined && { run }), exitCode }));
	} else {
		const sign = outcome === 'well' ? 'ok' : exitCode === 6 ? 'unknown' : 'failed';
		print(`${glyph(sign)} ${bold(conclusions[outcome])}: ${safe(reason)}`);
	}
	return exitCode;
};

const rollBack = async (
	session: Session,
	{ plan }: Guarded,
	{ why, options, json }: { readonly why: string; readonly options: GuardOptions; readonly json: boolean },
	signal: AbortSignal,
): Promise<number> => {
	const asked = options.reason === undefined || options.reason === '' ? '' : ` [${options.reason}]`;
	const id = await startConfirmed(
		session,
		plan,
		{
			yes: options.yes === true,
			reason: `guard${asked}: ${why}`,
			...(options.confirm !== undefined && { text: options.confirm }),
		},
		json,
		signal,
	);
	const runCode = await printRun(session, id, { json, signal });
	return conclude(json, { ...afterRollback(runCode), reason: why, run: id });
};

interface Times {
	readonly forMs: number;
	readonly graceMs: number;
	readonly intervalMs: number;
	readonly lastingMs: number;
}

/** Parses durations before anything is contacted; their defaults depend on the target. */
const timesOf = (options: GuardOptions): ((settleMs: number) => Times) => {
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

const announce = ({ target }: Session, { plan }: Guarded, times: Times, json: boolean): void => {
	const { forMs, graceMs, intervalMs, lastingMs } = times;
	const startedAt = Date.now();
	if (!json) {
		const chosen = plan.inputs.map(({ title, label, detail }) => `${title}: ${label} ${detail}`.trim()).join('; ');
		printError(
			`Guarding ${bold(safe(target.name))} for ${shortDuration(forMs)}: ${bold(safe(plan.title))} when its checks fail for ${shortDuration(lastingMs)}${chosen === '' ? '' : ` (${safe(chosen)})`}`,
		);
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
			checks: target.runbook.verification.checks,
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

const watch = async (
	session: Session,
	guarded: Guarded,
	{ times, json }: { readonly times: Times; readonly json: boolean },
	signal: AbortSignal,
): Promise<Watched> => {
	const record = debugLog()?.checks('guard');
	try {
		return await watchOver(session, guarded, {
			...times,
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
				next: `\`backout run ${guarded.plan.procedure}\` rolls back by hand`,
			});
		}
		throw error;
	}
};

/** Returns the outcome if nothing was rolled back. */
const withoutRollback = ({ verdict }: Watched): { readonly outcome: Outcome; readonly exitCode: number } => {
	switch (verdict) {
		case 'passed':
			return { outcome: 'well', exitCode: 0 };
		case 'failed':
			return { outcome: 'failing', exitCode: 1 };
		default:
			return { outcome: 'unknown', exitCode: 6 };
	}
};

/**
 * `backout guard`: watches a deployment and rolls it back when its checks fail for long enough. The plan is made, confirmed and checked
 * before it begins to watch.
 */
export const guard = async (globals: GlobalOptions, options: GuardOptions): Promise<number> => {
	const timesFor = timesOf(options);
	const json = options.json === true;
	return withSession(globals, async (session, signal) => {
		const times = timesFor(session.target.runbook.verification.settleMs);
		const consent = {
			yes: options.yes === true,
			// When it acts, it adds a reason of its own.
			reason: options.reason ?? 'guard',
			...(options.confirm !== undefined && { text: options.confirm }),
		};
		const guarded = await prepareGuard(session, options.procedure, options.input, consent, signal);
		announce(session, guarded, times, json);
		const watched = await watch(session, guarded, { times, json }, signal);
		return watched.failed === undefined
			? conclude(json, { ...withoutRollback(watched), reason: watched.reason })
			: rollBack(session, guarded, { why: watched.failed, options, json }, signal);
	});
};
