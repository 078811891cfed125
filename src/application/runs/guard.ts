import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckState, Verification } from '../../runbook/check.ts';
import { BackoutError } from '../../runbook/errors.ts';
import { createFailedBefore } from '../../runbook/failed-before.ts';
import { createFailureClock, type Observation } from '../../runbook/failure-clock.ts';
import type { InputOffer, Plan } from '../../runbook/plan.ts';
import type { RunSummary } from '../../runbook/run.ts';
import type { InputDefinition, ProcedureDefinition } from '../../runbook/runbook.ts';
import { watchChecks } from '../../services/checks/recheck-loop.ts';
import { busyError, lockHolder } from '../../services/runner/client/lock.ts';
import { readCommitMarks } from '../../services/runner/known-good/commits.ts';
import { readImageMarks } from '../../services/runner/known-good/images.ts';
import type { Marks } from '../../services/runner/known-good/registry.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import type { Session } from '../fleet/session.ts';
import { objection, procedureOf } from '../plans/make-plan.ts';
import { planFor } from '../plans/plan-for.ts';
import { inputOffers, presetOf } from '../plans/resolve-inputs.ts';
import { checkContext } from '../watching/check-context.ts';
import { checksOf } from '../watching/checks-of.ts';
import { assertMayChange, listJournal } from './journal.ts';
import { assertConfirmed, type Confirmed } from './run-plan.ts';

/** What will be done if the checks fail, fixed before they do, and what stood then. */
export interface Guarded {
	readonly plan: Plan;
	/** What ran then, by input: the choices that were marked `current`. */
	readonly current: string;
	/** The runs of the journal then. */
	readonly runs: ReadonlySet<string>;
}

export type GuardState = 'grace' | 'well' | 'settling' | 'failing' | 'unknown';

export interface GuardNews {
	readonly state: GuardState;
	/** ms since the epoch, this machine's clock. */
	readonly at: number;
	/** For how long checks have failed, by the rule of `createFailureClock`. */
	readonly failedSeconds: number;
	readonly reason: string;
}

export interface WatchOverOptions {
	readonly forMs: number;
	/** At the beginning: so long a failure does not count. */
	readonly graceMs: number;
	readonly intervalMs: number;
	/** For so long checks must fail before it acts. */
	readonly holdMs: number;
	onState(news: GuardNews): void;
	onVerification(verification: Verification): void;
	readonly signal: AbortSignal;
}

/** What watching came to: the last look, or, with `failed`, why the plan is to be run now. */
export interface Watched {
	readonly verdict: CheckState;
	readonly reason: string;
	/** The failure lasted: the words for it, for the journal. */
	readonly failed?: string;
}

/** Above it an answer that does not come in time says more of the way than of the service, ms. */
const slowMs = 1000;
/** Of a reason in the journal. */
const longest = 1000;

const refused = (session: Session, why: string, next: string): BackoutError =>
	new BackoutError('refused', why, { host: session.host.name, next: `nothing was changed; ${next}` });

const currentOf = (offers: readonly InputOffer[]): string =>
	offers
		.map(({ name, choices }) => {
			const current = choices.filter(({ marks }) => marks.includes('current')).map(({ value }) => value);
			return `${name}=${current.sort().join(',')}`;
		})
		.join(' ');

/** What verification has said, of the kinds of input that it says something of. */
const readKnown = async (
	{ host, target }: Session,
	{ inputs }: ProcedureDefinition,
	signal: AbortSignal,
): Promise<Readonly<Partial<Record<InputDefinition['type'], Marks>>>> => {
	const wants = new Set(inputs.map(({ type }) => type));
	const [commit, image] = await Promise.all([
		wants.has('commit') ? readCommitMarks(host, target, signal) : undefined,
		wants.has('image') ? readImageMarks(host, target, signal) : undefined,
	]);
	return { commit, image };
};

/**
 * Fixes what is to be done if the checks fail: the plan, with a good commit or image to go back to. Changes nothing. Throws
 * `refused` where there is nothing to go back to, a confirmation or precondition is missing, or a run has the lock;
 * `usage` for a procedure that is none to guard with.
 */
export const prepareGuard = async (
	session: Session,
	procedureId: string,
	given: Readonly<Record<string, string>>,
	confirmed: Confirmed,
	signal: AbortSignal,
): Promise<Guarded> => {
	const { host, target } = session;
	const procedure = procedureOf(target, procedureId);
	if (procedure.risk === 'read-only' || procedure.steps.length === 0) {
		throw new BackoutError('usage', `${procedure.id} changes nothing: there is nothing to guard with`, {
			next: 'name a procedure that rolls back, e.g. --procedure rollback-commit',
		});
	}
	assertMayChange(session, procedure.title);
	const manual = procedure.steps.find(({ kind }) => kind === 'manual');
	if (manual !== undefined) {
		throw refused(session, `${procedure.id} waits for an operator (“${manual.title}”)`, 'guard works alone');
	}
	const holder = await lockHolder(host, target, signal);
	if (holder !== undefined) {
		throw busyError(host.name, target.directory, holder);
	}
	const [offers, known, before] = await Promise.all([
		inputOffers(host, target, procedure, signal),
		readKnown(session, procedure, signal),
		listJournal(session, signal),
	]);
	const chosen: Record<string, string> = { ...given };
	for (const [index, { name, title, choices, preset, reason }] of offers.entries()) {
		const type = procedure.inputs[index]?.type;
		const marks = type === undefined ? undefined : known[type];
		// Of commits and images what verification has passed on last, else what the runbook goes back to by itself.
		const own = choices.some((one) => one.value === preset && one.marks.includes('current')) ? undefined : preset;
		const value = given[name] ?? (marks === undefined ? preset : (presetOf({ preset: 'good' }, choices, marks) ?? own));
		if (value === undefined) {
			throw refused(
				session,
				`there is nothing to go back to: ${title}: ${reason ?? 'none that is known to be good'}`,
				`name one with --input ${name}=VALUE; \`backout inputs ${procedure.id}\` lists the choices`,
			);
		}
		chosen[name] = value;
	}
	const plan = await planFor(session, procedureId, chosen, { signal });
	for (const [index, { name, title, value, label }] of plan.inputs.entries()) {
		const type = procedure.inputs[index]?.type;
		const marks = type === undefined ? undefined : known[type];
		const choice = offers[index]?.choices.find((one) => one.value === value);
		const choose = `give another one with --input ${name}=VALUE; \`backout inputs ${plan.procedure}\` lists them`;
		if (marks?.get(value) === 'bad' || choice?.marks.includes('bad') === true) {
			throw refused(session, `${title}: verification has failed on ${label}`, choose);
		}
		if (marks !== undefined && choice?.marks.includes('current') === true) {
			throw refused(session, `${title}: ${label} is what runs now, so it is no way back`, choose);
		}
	}
	assertConfirmed(plan, confirmed);
	const against = objection(plan);
	if (against !== undefined) {
		throw against;
	}
	return { plan, current: currentOf(offers), runs: new Set(before.map(({ id }) => id)) };
};

const mayHaveChanged = ({ target }: Session, { procedure }: RunSummary): boolean =>
	target.runbook.procedures.find(({ id }) => id === procedure)?.risk !== 'read-only';

/**
 * Somebody else is at work, or was since: what is watched is not what was deployed any more. Throws `refused`.
 * @param acting whether what is deployed is looked at, too, which takes longer
 */
const standDownForOthers = async (
	session: Session,
	{ plan, current, runs }: Guarded,
	acting: boolean,
	signal: AbortSignal,
): Promise<void> => {
	const { host, target } = session;
	const [holder, journal, offers] = await Promise.all([
		lockHolder(host, target, signal),
		listJournal(session, signal),
		acting ? inputOffers(host, target, procedureOf(target, plan.procedure), signal) : undefined,
	]);
	const next = `guard has changed nothing; \`backout run ${plan.procedure}\` rolls back by hand`;
	if (holder !== undefined) {
		const busy = busyError(host.name, target.directory, holder);
		throw new BackoutError('refused', `guard stands down: ${busy.message}`, { host: host.name, run: busy.run, next });
	}
	const other = journal.find((run) => !runs.has(run.id) && mayHaveChanged(session, run));
	if (other !== undefined) {
		throw new BackoutError(
			'refused',
			`guard stands down: ${other.who.user}@${other.who.machine} has run ${other.procedure} meanwhile (${other.id})`,
			{ host: host.name, run: other.id, next },
		);
	}
	const now = offers === undefined ? current : currentOf(offers);
	if (now !== current) {
		throw new BackoutError('refused', 'guard stands down: something else was deployed meanwhile', {
			host: host.name,
			next: `${next}. Then: ${current}; now: ${now}`,
		});
	}
};

/** What the failed checks say, on one line. */
const failureLabel = ({ checks }: Verification): string =>
	checks
		.filter(({ state }) => state === 'failed')
		.map(({ title, reason, evidence }) => {
			const [first = ''] = evidence.split('\n').filter((line) => line.trim() !== '');
			return `${title}: ${reason}${first === '' || reason.includes(first) ? '' : ` (${first.trim().slice(0, 160)})`}`;
		})
		.map(sanitiseText)
		.join('; ');

/**
 * Watches over the target until the time is up or a failure has lasted. What cannot be known (the link is lost or slow,
 * Docker does not answer) is never a failure. Where the time is up and it is not decided, it goes on a little longer.
 * Throws `refused` when somebody else takes over, the reason why the host cannot be trusted or reached any more, and the
 * signal's reason.
 */
export const watchOver = async (session: Session, guarded: Guarded, options: WatchOverOptions): Promise<Watched> => {
	const { host, target } = session;
	const { forMs, graceMs, intervalMs, holdMs, signal } = options;
	const { checks: ids, settleMs } = target.runbook.verification;
	const checks = checksOf(target, ids);
	const docked = new Set(checks.filter(({ kind }) => kind === 'containers').map(({ id }) => id));
	let latest: Verification | undefined;
	const watch = watchChecks(
		checkContext(session),
		{ checks, settleMs, intervalMs },
		{
			get: () => latest,
			set: (next) => {
				latest = next;
				if (next !== undefined) {
					options.onVerification(next);
				}
			},
		},
	);
	let broken = false;
	const unsubscribe = host.link.subscribe(() => {
		broken ||= host.link.get().status !== 'up';
	});
	const startedAt = Date.now();
	const until = startedAt + forMs;
	/** A service that comes and goes at the end is decided by then. */
	const atLast = until + 3 * (settleMs + holdMs);
	const clock = createFailureClock(holdMs);
	const failedBefore = createFailedBefore(checks);

	const look = (): Observation & { readonly reason: string } => {
		const { status, reason, rttMs = 0 } = host.link.get();
		const lost = broken || status !== 'up';
		broken = status !== 'up';
		const at = performance.now();
		const unknown = (why: string) => ({ state: 'unknown', settled: false, at, reason: why }) as const;
		if (lost) {
			return unknown(
				status === 'up' ? 'the link was lost a moment ago' : `the link is ${status}${reason ? `: ${reason}` : ''}`,
			);
		}
		if (rttMs > slowMs) {
			return unknown(`the host is slow: a round trip takes ${Math.round(rttMs)} ms`);
		}
		const blind = latest?.checks.find(({ id, state }) => docked.has(id) && state === 'unknown');
		if (latest === undefined || blind !== undefined) {
			return unknown(blind === undefined ? 'not looked at yet' : `${blind.title}: ${blind.reason}`);
		}
		const before = failedBefore.look(latest.checks);
		const wrong = latest.checks.filter(({ state }) => state === 'failed');
		const failed = wrong.some(({ id }) => !before.has(id));
		if (wrong.length > 0 && !failed) {
			const which = wrong.map(({ title, reason }) => `${title}: ${reason}`).join('; ');
			return unknown(`failed already when guard began, so it decides nothing alone: ${which}`);
		}
		const passed = latest.checks.every(({ state }) => state === 'passed');
		return {
			state: failed ? 'failed' : passed ? 'passed' : 'unknown',
			settled: latest.verdict === 'passed',
			at,
			reason: latest.reason,
		};
	};

	try {
		for (;;) {
			await sleep(intervalMs, undefined, { signal });
			if (host.link.get().status === 'refused') {
				// Says why, and that it is not tried again.
				await host.ready(signal);
			}
			const now = Date.now();
			const seen = look();
			const inGrace = now < startedAt + graceMs;
			clock.look(inGrace ? { ...seen, state: seen.state === 'failed' ? 'unknown' : seen.state } : seen);
			const state: GuardState =
				seen.state === 'failed'
					? inGrace
						? 'grace'
						: 'failing'
					: seen.state === 'unknown'
						? 'unknown'
						: seen.settled
							? 'well'
							: 'settling';
			options.onState({ state, at: now, failedSeconds: Math.round(clock.failedMs / 1000), reason: seen.reason });
			if (state === 'failing' && latest !== undefined) {
				const failing = latest;
				const alone = await standDownForOthers(session, guarded, clock.lasts, signal).then(
					() => true,
					(error: unknown) => {
						if (error instanceof BackoutError && error.code === 'unreachable') {
							// It is not known who is at work there: then nothing is done.
							return false;
						}
						throw error;
					},
				);
				if (alone && clock.lasts && !broken) {
					const why = `failed for ${Math.round(clock.failedMs / 1000)} s: ${failureLabel(failing)}`;
					return { verdict: 'failed', reason: failing.reason, failed: why.slice(0, longest) };
				}
			}
			if (now >= until && (seen.settled || now >= atLast)) {
				return {
					verdict: seen.settled ? 'passed' : seen.state === 'failed' ? 'failed' : 'unknown',
					reason: seen.reason,
				};
			}
		}
	} finally {
		unsubscribe();
		watch.stop();
	}
};
