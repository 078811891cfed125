import type { Session } from '../application/fleet/session.ts';
import { deployedBlock } from '../application/plans/deployed-again.ts';
import { onlyOfKind } from '../application/plans/of-kind.ts';
import { undoPlan } from '../application/restore/undo.ts';
import {
	type AfterDeployment,
	type Deployment,
	guardDeployment,
	judgeDeployment,
	planDeployment,
} from '../application/runs/deployment.ts';
import type { GuardTimes } from '../application/runs/guard-on-host.ts';
import { assertConfirmed, type Confirmed } from '../application/runs/run-plan.ts';
import { shortDuration } from '../components/format-time.ts';
import type { CheckState } from '../runbook/check.ts';
import { BackoutError } from '../runbook/errors.ts';
import { ownCommand } from '../runbook/own-command.ts';
import type { Plan } from '../runbook/plan.ts';
import { type GlobalOptions, withSession } from './context.ts';
import {
	type DeployOutcome,
	type Ended,
	planWatchOnHost,
	type WatchPlace,
	watchOnHost,
	watchPlace,
} from './deploy-on-host.ts';
import { durationOf } from './duration-option.ts';
import { printRun } from './follow-run.ts';
import { timesOf, watch } from './guard.ts';
import { withReason } from './guard-on-host.ts';
import { planLine } from './plan.ts';
import { planText } from './plan-text.ts';
import { bold, glyph, masked, print, printError, printJson, printMasked, safe } from './print.ts';
import { printTarget } from './print-target.ts';
import { confirm, type StartOptions, startConfirmed } from './run.ts';
import { type LockOptions, waitForLock } from './wait-for-lock.ts';

export interface DeployOptions extends StartOptions, LockOptions {
	readonly input: Readonly<Record<string, string>>;
	/** A duration: how long to watch afterwards. */
	readonly guard?: string;
	/** The host itself watches afterwards, also if it cannot ask all checks. */
	readonly onHost?: boolean;
	/** This machine watches afterwards, also if the host could. */
	readonly here?: boolean;
	/** False: `--no-undo`. */
	readonly undo: boolean;
	readonly json?: boolean;
}

/** Time to watch if neither the runbook nor the operator says, ms. */
const usualGuardMs = 600_000;

const conclusions: Readonly<Record<DeployOutcome, string>> = {
	well: 'deployed, verified, and healthy until the end',
	'not-deployed': 'nothing was deployed',
	unverified: 'deployed, but not verified; it was not undone',
	failed: 'the deployment failed; it was not undone',
	unknown: 'the outcome of the deployment is unknown; it was not undone',
	cancelled: 'the deployment was cancelled; it was not undone',
	undone: 'the deployment failed; it was undone, and that was verified',
	'undo-refused': 'the deployment failed, and it could not be undone',
	'undo-unverified': 'the deployment failed; it was undone, but verification did not pass',
	'undo-unknown': 'the deployment failed; the outcome of its undo is unknown',
	'undo-failed': 'the deployment failed, and so did its undo',
};

const conclude = (json: boolean, ended: Ended): number => {
	const { outcome, reason, run, exitCode } = ended;
	if (json) {
		printJson(masked({ type: 'deployed', ...ended }));
		return exitCode;
	}
	const sign = outcome === 'well' ? 'ok' : exitCode === 6 ? 'unknown' : 'failed';
	print(`${glyph(sign)} ${bold(conclusions[outcome])}: ${safe(reason)}`);
	if (run !== undefined && !['undone', 'not-deployed'].includes(outcome)) {
		print(`  to undo the deployment: ${ownCommand(['undo', run])}`);
	}
	return exitCode;
};

/** The decisions that are made before anything is changed. */
interface Decided extends Deployment {
	readonly confirmed: Confirmed;
	/** Undefined: nothing is watched afterwards. */
	readonly times: GuardTimes | undefined;
	readonly place: WatchPlace;
	readonly options: DeployOptions;
}

/** Says that this machine watches and, if the host was to, why. */
const watchedHere = (because: readonly string[]): string =>
	because.length === 0
		? 'by this machine'
		: `by this machine, because the host cannot ask all checks by itself: ${because.map(safe).join('; ')}`;

/** Says in which order things happen, and what happens if it goes wrong. */
const orderText = (
	{ checklist, plan }: Deployment,
	{ times, place: { onHost, because }, options: { undo } }: Pick<Decided, 'times' | 'place' | 'options'>,
): string =>
	[
		...(checklist === undefined ? [] : [`${safe(checklist.title)} (${checklist.procedure}), verified`]),
		`${safe(plan.title)} (${plan.procedure}), with a restore point, verified`,
		...(times === undefined
			? []
			: [`watched for ${shortDuration(times.forMs)}, ${onHost ? 'by the host itself' : watchedHere(because)}`]),
		undo
			? 'if a step or a check of the deployment fails: undone from its restore point'
			: 'if a step or a check of the deployment fails: nothing is undone by itself',
	]
		.map((line, index) => `  ${index + 1}. ${line}`)
		.join('\n');

/** Starts a plan when the lock is free, and follows it to its verdict. */
const runTo = async (
	session: Session,
	plan: Plan,
	{ confirmed, options }: Pick<Decided, 'confirmed' | 'options'>,
	signal: AbortSignal,
): Promise<{ readonly id: string; readonly code: number }> => {
	const json = options.json === true;
	const id = await waitForLock(session, options, () => startConfirmed(session, plan, confirmed, json, signal), signal);
	return { id, code: await printRun(session, id, { json, signal }) };
};

const undoOutcomes: Readonly<Record<number, DeployOutcome>> = {
	0: 'undone',
	4: 'undo-refused',
	5: 'undo-unverified',
	6: 'undo-unknown',
};

/** Undoes a deployment from its restore point. What was deployed is gone or not: either way the deployment has failed. */
const undoDeployment = async (
	session: Session,
	{ confirmed, options }: Decided,
	{ run, why }: { readonly run: string; readonly why: string },
	signal: AbortSignal,
): Promise<Ended> => {
	if (!options.json) {
		print(`${glyph('failed')} ${safe(why)}: undoing run ${run}`);
	}
	try {
		const plan = await undoPlan(session, run, signal);
		const given = { ...confirmed, reason: `${withReason('deploy', confirmed.reason)}: ${why}`.slice(0, 1000) };
		const { id, code } = await runTo(session, plan, { confirmed: given, options }, signal);
		const outcome = undoOutcomes[code] ?? 'undo-failed';
		return { outcome, reason: why, run, undo: id, exitCode: code === 5 || code === 6 || code === 130 ? code : 1 };
	} catch (error) {
		if (!(error instanceof BackoutError) || error.code !== 'refused') {
			throw error;
		}
		return { outcome: 'undo-refused', reason: `${why}; ${error.message}`, run, exitCode: 1 };
	}
};

const left: Readonly<Record<number, DeployOutcome>> = { 1: 'failed', 5: 'unverified', 6: 'unknown', 130: 'cancelled' };

/** Returns the reason to undo a deployment that was verified: its checks failed while it was watched. */
const watchDeployment = async (
	session: Session,
	{ plan, options }: Decided,
	{ run, times }: { readonly run: string; readonly times: GuardTimes },
	signal: AbortSignal,
): Promise<{ readonly after: AfterDeployment; readonly seen: string; readonly verdict: CheckState }> => {
	const json = options.json === true;
	const guarded = await guardDeployment(session, plan, run, signal);
	if (!json) {
		printError(`Watching ${bold(safe(plan.target))} for ${shortDuration(times.forMs)}`);
	}
	const { checks } = session.target.runbook.verification;
	const wellAtStart = checks.every((id) => plan.verification.checks.includes(id));
	const watched = await watch(session, guarded, { times, json, wellAtStart }, signal).catch((error: unknown) => {
		throw signal.aborted
			? new BackoutError('cancelled', `stopped watching: run ${run} is deployed and verified, and was not undone`, {
					host: session.host.name,
					run,
					next: `to undo it: \`backout undo ${run}\``,
				})
			: error;
	});
	const { failed, verdict, reason } = watched;
	const after: AfterDeployment =
		failed !== undefined
			? { next: 'undo', why: failed }
			: verdict === 'passed'
				? { next: 'watch' }
				: { next: 'leave', why: reason };
	return { after, seen: reason, verdict };
};

const deployTo = async (session: Session, decided: Decided, signal: AbortSignal): Promise<Ended> => {
	const { checklist, plan, options, times, place } = decided;
	if (checklist !== undefined) {
		const { code } = await runTo(session, checklist, decided, signal);
		if (code !== 0) {
			return { outcome: 'not-deployed', reason: `${checklist.title} did not pass`, exitCode: code };
		}
	}
	const { id: run, code } = await runTo(session, plan, decided, signal);
	let after: AfterDeployment = await judgeDeployment(session, run, signal);
	if (after.next === 'nothing') {
		return { outcome: 'not-deployed', reason: after.why, run, exitCode: code };
	}
	if (after.next === 'watch' && times !== undefined && place.onHost && options.undo) {
		const guard = await planWatchOnHost(session, run, times, signal);
		if (typeof guard !== 'string') {
			const { confirmed } = decided;
			return watchOnHost(session, guard, { run, times, confirmed, json: options.json === true }, signal);
		}
		printError(`${glyph('warn')} this machine watches, because the undo would be refused: ${safe(guard)}`);
	}
	let [seen, unwell] = ['not watched', code];
	if (after.next === 'watch' && times !== undefined) {
		const watched = await watchDeployment(session, decided, { run, times }, signal);
		[after, seen, unwell] = [watched.after, watched.seen, watched.verdict === 'unknown' ? 6 : 5];
	}
	if (after.next === 'watch') {
		return { outcome: 'well', reason: seen, run, exitCode: 0 };
	}
	if (after.next === 'undo' && options.undo) {
		return undoDeployment(session, decided, { run, why: after.why }, signal);
	}
	return { outcome: left[unwell] ?? 'failed', reason: after.why, run, exitCode: unwell };
};

/**
 * `backout deploy`: the checklist, a restore point, the deployment by the runbook's own command, its verification, and a watch; if a step
 * or a check of the deployment fails, its undo. One confirmation is for all of this.
 */
export const deploy = (globals: GlobalOptions, id: string | undefined, options: DeployOptions): Promise<number> => {
	const asked = options.guard === undefined ? undefined : durationOf('--guard', options.guard);
	const json = options.json === true;
	return withSession(globals, async (session, signal) => {
		const procedure = onlyOfKind(session.target, 'deploy', id);
		const guardMs = asked ?? procedure.guard ?? usualGuardMs;
		const { settleMs } = session.target.runbook.verification;
		const times = guardMs === 0 ? undefined : timesOf({ for: `${guardMs}ms`, grace: '0s' })(settleMs);
		const planned = await planDeployment(session, procedure, options.input, signal);
		const { checklist, plan } = planned;
		const blocked = options.undo ? await deployedBlock(session, signal) : undefined;
		// Once the deployment is verified, the block may have ended; going back to that version by itself is wrong all the same.
		const given = { ...options, undo: options.undo && blocked === undefined };
		const place = await watchPlace(session, given, signal);
		if (blocked !== undefined) {
			printError(
				`${glyph('warn')} the version that runs now is blocked, so the deployment will not be undone by itself: ${safe(blocked)}`,
			);
		}
		const plans = checklist === undefined ? [plan] : [checklist, plan];
		if (json) {
			for (const one of plans) {
				printJson(planLine(one));
			}
		} else {
			printTarget(session);
			print(orderText(planned, { times, place, options: given }));
		}
		const riskiest = plans.find(({ risk }) => risk === 'destructive') ?? plan;
		const confirmed = await confirm(riskiest, options, signal, () => {
			for (const one of plans) {
				print();
				printMasked(planText(one, { given: Object.keys(options.input) }));
			}
		});
		for (const one of plans) {
			// The confirmation of the riskiest plan counts for the others.
			assertConfirmed(one, { ...confirmed, yes: confirmed.yes || riskiest.risk === 'destructive' });
		}
		const all = { ...confirmed, yes: true };
		return conclude(
			json,
			await deployTo(session, { ...planned, confirmed: all, times, place, options: given }, signal),
		);
	});
};
