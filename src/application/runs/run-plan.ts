import { setTimeout } from 'node:timers/promises';
import { BackoutError } from '../../runbook/errors.ts';
import { onlyWatched } from '../../runbook/guard-run.ts';
import type { Plan } from '../../runbook/plan.ts';
import { changes, confirmationFor, isEmergency } from '../../runbook/risk.ts';
import type { Run } from '../../runbook/run.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { newRunId, revokeStart, startRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { objection } from '../plans/make-plan.ts';
import { captureReadings, emergencyCaptureMs } from '../watching/capture-readings.ts';
import { hostNotices } from './channel-notices.ts';
import { assertMayChange, whoami } from './journal.ts';

/** The operator's confirmation: answered `y` (or --yes), or typed this text (or --confirm TEXT). */
export interface Confirmed {
	readonly yes: boolean;
	readonly text?: string;
	readonly reason: string;
}

/** Throws `refused` unless the confirmation is the one that the plan's risk requires. */
export const assertConfirmed = (
	plan: Pick<Plan, 'title' | 'risk' | 'target' | 'host'>,
	{ yes, text, reason }: Confirmed,
): void => {
	const wanted = confirmationFor(plan.risk, plan.target);
	if (wanted.kind === 'yes' && !yes) {
		throw new BackoutError('refused', `${plan.title} was not confirmed`, {
			host: plan.host,
			next: 'nothing was changed; answer y, or give --yes',
		});
	}
	if (wanted.kind === 'typed' && text !== wanted.text) {
		throw new BackoutError(
			'refused',
			text === undefined
				? `${plan.title} is ${plan.risk}: confirm it with the target's name`
				: `${JSON.stringify(text)} is not the name of this target`,
			{ host: plan.host, next: `nothing was changed; confirm with --confirm ${wanted.text} and a --reason` },
		);
	}
	if (wanted.kind === 'typed' && reason.trim() === '') {
		throw new BackoutError('refused', `${plan.title} is ${plan.risk}: it needs a reason`, {
			host: plan.host,
			next: 'nothing was changed; give one with --reason',
		});
	}
};

/** What to do while it is unknown whether a run was started. */
export interface Unknown {
	/** Called each time before the host is asked again, with the reason why it is unknown. */
	readonly onUnknown?: (run: string, reason: string) => void;
	/** Time for which the host is asked, ms. Default: until the signal is aborted. */
	readonly askForMs?: number;
	/** Maximum age of the confirmation at which a missing run is still started, ms. Default: a minute. */
	readonly startWithinMs?: number;
}

const startWithin = 60_000;
/** Pause between two requests, to spare a host in trouble, ms. */
const pauseMs = 1000;

const isUnknown = (error: unknown): error is BackoutError =>
	error instanceof BackoutError && (error.code === 'outcome-unknown' || error.code === 'unreachable');

/**
 * Asks the host, by the run's id, whether it was started, after the link was lost during the start. Soon after the confirmation the request
 * is to start it again, which the host does only once; later, a missing run is no longer started. Throws `refused` when it was not started
 * and will not be, and `lost` when that cannot be found out.
 */
const findOut = async (
	session: Session,
	options: Parameters<typeof startRun>[1] & { readonly id: string },
	lost: BackoutError,
	{ onUnknown, askForMs = Number.POSITIVE_INFINITY, startWithinMs = startWithin }: Unknown,
	signal?: AbortSignal,
): Promise<string> => {
	const { host, target } = session;
	const { id, plan } = options;
	const since = Date.now();
	const left = () => since + askForMs - Date.now();
	let reason = lost.message;
	while (left() > 0 && signal?.aborted !== true) {
		onUnknown?.(id, reason);
		const limits = [
			...(signal === undefined ? [] : [signal]),
			...(Number.isFinite(askForMs) ? [AbortSignal.timeout(Math.ceil(left()))] : []),
		];
		try {
			await host.ready(AbortSignal.any(limits));
		} catch {
			// Refused for good, or the caller no longer waits.
			break;
		}
		try {
			if (Date.now() - since <= startWithinMs) {
				return (await startRun(host, options, signal)).id;
			}
			const answer = await revokeStart(host, target, id, signal);
			if (answer === 'there') {
				return id;
			}
			if (answer === 'withdrawn') {
				throw new BackoutError('refused', `run ${id} was not started: the link was lost before the host had it`, {
					host: host.name,
					run: id,
					next: `nothing was changed, and it will not start later; plan ${plan.title} again`,
				});
			}
			reason = `run ${id} is being started on the host`;
		} catch (error) {
			if (!isUnknown(error)) {
				throw error;
			}
			reason = error.message;
		}
		await setTimeout(pauseMs, undefined, { signal }).catch(() => {});
	}
	throw lost;
};

const isForEmergencies = ({ target }: Session, { procedure }: Plan): boolean => {
	const definition = target.runbook.procedures.find(({ id }) => id === procedure);
	return definition !== undefined && isEmergency(definition);
};

/** Captures the readings before the run. */
const captureBefore = (session: Session, plan: Plan, signal: AbortSignal | undefined) => {
	const timeoutMs = isForEmergencies(session, plan) ? emergencyCaptureMs : undefined;
	return captureReadings(session, 'before', whoami(), signal, timeoutMs);
};

/**
 * Starts a confirmed plan on the host and returns the run's id. If the link is lost during the start, the host is asked by that id
 * until the outcome is known (see `Unknown`). Throws `refused` (read-only target, not confirmed, a precondition, the lock, not
 * started), and `outcome-unknown` when it could not be found out.
 */
export const startPlan = async (
	session: Session,
	plan: Plan,
	confirmed: Confirmed,
	signal?: AbortSignal,
	unknown: Unknown = {},
): Promise<string> => {
	const { kind } = session.target.runbook.procedures.find(({ id }) => id === plan.procedure) ?? {};
	// A restore test changes nothing of the deployment, but it makes a database and drops it.
	if (changes(plan) || kind === 'restore-test') {
		assertMayChange(session, plan.title);
	}
	assertConfirmed(plan, confirmed);
	if (session.host.stay !== undefined && plan.host !== session.host.name) {
		throw new BackoutError('refused', `the plan was made on ${plan.host}, which answers no more`, {
			host: session.host.name,
			next: `nothing was changed; plan ${plan.title} again, on ${session.host.name}`,
		});
	}
	const against = objection(plan);
	if (against !== undefined) {
		throw against;
	}
	const id = newRunId();
	const log = debugLog();
	log?.plan(plan);
	log?.write('start-run', { id, reason: confirmed.reason });
	const before = changes(plan) ? await captureBefore(session, plan, signal) : undefined;
	signal?.throwIfAborted();
	const options = {
		plan,
		shell: session.engine.shell,
		who: whoami(),
		reason: maskSecrets(confirmed.reason),
		state: session.target.state,
		limits: session.target.runs,
		id,
		before,
		isEmergency: isForEmergencies(session, plan),
		notify: hostNotices(session),
	};
	// Whatever happens to the link: another host would start it a second time.
	const leave = session.host.stay?.();
	session.startedRuns?.add(id);
	try {
		return (await startRun(session.host, options, signal)).id;
	} catch (error) {
		if (!(error instanceof BackoutError) || error.code !== 'outcome-unknown' || signal?.aborted === true) {
			throw error;
		}
		return await findOut(session, options, error, unknown, signal);
	} finally {
		leave?.();
	}
};

/** True when a run that has ended still needs verification. */
export const wantsVerification = (run: Run): boolean =>
	run.state === 'succeeded' &&
	!onlyWatched(run) &&
	run.plan.verification.checks.length > 0 &&
	run.verified === undefined;
