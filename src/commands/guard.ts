import type { Session } from '../application/fleet/session.ts';
import { type Guarded, type GuardState, prepareGuard, watchOver } from '../application/runs/guard.ts';
import { shortDuration } from '../components/format-time.ts';
import { parseDuration } from '../runbook/duration.ts';
import { BackoutError } from '../runbook/errors.ts';
import type { Output } from '../runbook/output/events.ts';
import { debugLog } from '../services/debug/debug-log.ts';
import { type GlobalOptions, withSession } from './context.ts';
import { printRun } from './follow-run.ts';
import { planLine } from './plan.ts';
import { bold, glyph, print, printError, printJson, safe } from './print.ts';
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

/** Between two looks. */
const shortestMs = 500;

type Outcome = Extract<Output, { type: 'guarded' }>['outcome'];

const durationOf = (option: string, text: string): number => {
	const ms = parseDuration(text);
	if (ms === undefined) {
		throw new BackoutError('usage', `${option}: ${JSON.stringify(text)} is not a duration`, {
			next: 'write it like 30s, 5m or 1h30m',
		});
	}
	return ms;
};

const signs: Readonly<Record<GuardState, Parameters<typeof glyph>[0]>> = {
	grace: 'warn',
	well: 'ok',
	settling: 'unknown',
	failing: 'failed',
	unknown: 'unknown',
};

const words: Readonly<Record<GuardState, string>> = {
	grace: 'fails, and does not count yet',
	well: 'well',
	settling: 'all hold, not yet for long enough',
	failing: 'failing',
	unknown: 'unknown',
};

/** How the run that rolled back ended, by its exit code. The service may be well again; the deployment was not. */
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
	well: 'well to the end',
	failing: 'not well at the end, and it did not last long enough to roll back',
	unknown: 'not known how it stands: nothing was rolled back',
	'rolled-back': 'the deployment failed; rolled back and verified',
	'rollback-refused': 'the deployment failed, and a precondition of the rollback does not hold: nothing was changed',
	'rollback-unverified': 'the deployment failed; rolled back, but verification did not pass',
	'rollback-unknown': 'the deployment failed; what came of the rollback is not known',
	'rollback-failed': 'the deployment failed, and so did the rollback',
};

const conclude = (
	json: boolean,
	{ outcome, exitCode, reason, run }: { outcome: Outcome; exitCode: number; reason: string; run?: string },
): number => {
	if (json) {
		printJson({ type: 'guarded', outcome, reason, ...(run !== undefined && { run }), exitCode });
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

/**
 * `backout guard`: watches over a deployment and rolls it back when its checks fail for long enough. What it would do is
 * fixed, confirmed and looked at before it begins to watch.
 */
export const guard = async (globals: GlobalOptions, options: GuardOptions): Promise<number> => {
	const forMs = durationOf('--for', options.for);
	const interval = options.interval === undefined ? undefined : durationOf('--interval', options.interval);
	const grace = options.grace === undefined ? undefined : durationOf('--grace', options.grace);
	const json = options.json === true;
	return withSession(globals, async (session, signal) => {
		const { target } = session;
		const holdMs = target.runbook.verification.settleMs;
		const intervalMs = interval ?? Math.max(shortestMs, Math.min(10_000, holdMs / 3));
		const graceMs = grace ?? Math.min(holdMs, forMs / 2);
		if (graceMs >= forMs || intervalMs < shortestMs) {
			throw new BackoutError(
				'usage',
				intervalMs < shortestMs ? 'it looks twice a second at most' : 'nothing is left to watch',
				{
					next: intervalMs < shortestMs ? 'give a longer --interval' : 'give a shorter --grace, or a longer --for',
				},
			);
		}
		const consent = {
			yes: options.yes === true,
			// It has a reason of its own when it acts.
			reason: options.reason ?? 'guard',
			...(options.confirm !== undefined && { text: options.confirm }),
		};
		const guarded = await prepareGuard(session, options.procedure, options.input, consent, signal);
		const { plan } = guarded;
		const startedAt = Date.now();
		const wayBack = plan.inputs.map(({ title, label, detail }) => `${title}: ${label} ${detail}`.trim()).join('; ');
		if (json) {
			printJson(planLine(plan));
			printJson({
				type: 'guard',
				target: target.name,
				procedure: plan.procedure,
				startedAt,
				until: startedAt + forMs,
				graceUntil: startedAt + graceMs,
				intervalSeconds: intervalMs / 1000,
				holdSeconds: holdMs / 1000,
				checks: target.runbook.verification.checks,
			});
		} else {
			printError(
				`Guarding ${bold(safe(target.name))} for ${shortDuration(forMs)}: ${bold(safe(plan.title))} when its checks fail for ${shortDuration(holdMs)}${wayBack === '' ? '' : ` (${safe(wayBack)})`}`,
			);
		}
		let told = '';
		const record = debugLog()?.checks('guard');
		let watched: Awaited<ReturnType<typeof watchOver>>;
		try {
			watched = await watchOver(session, guarded, {
				forMs,
				graceMs,
				intervalMs,
				holdMs,
				signal,
				onState: (news) => {
					const { state, failedSeconds, reason } = news;
					if (json) {
						if (state !== told || state === 'failing') {
							printJson({ type: 'guard-state', ...news });
						}
					} else if (state !== told) {
						const counted = state === 'failing' ? ` for ${failedSeconds} s` : '';
						printError(
							`${new Date(news.at).toISOString().slice(11, 19)} ${glyph(signs[state])} ${words[state]}${counted}: ${safe(reason)}`,
						);
					}
					if (state !== told) {
						debugLog()?.write('guard', { ...news });
					}
					told = state;
				},
				onVerification: onceChanged((verification) => {
					record?.(verification);
					if (json) {
						printJson({ type: 'verification', ...verification });
					}
				}),
			});
		} catch (error) {
			if (signal.aborted) {
				throw new BackoutError('cancelled', 'guard stands down, as it was told to: nothing was changed', {
					host: session.host.name,
					next: `\`backout run ${plan.procedure}\` rolls back by hand`,
				});
			}
			throw error;
		}
		if (watched.failed !== undefined) {
			return rollBack(session, guarded, { why: watched.failed, options, json }, signal);
		}
		const { verdict, reason } = watched;
		return conclude(
			json,
			verdict === 'passed'
				? { outcome: 'well', exitCode: 0, reason }
				: verdict === 'failed'
					? { outcome: 'failing', exitCode: 1, reason }
					: { outcome: 'unknown', exitCode: 6, reason },
		);
	});
};
