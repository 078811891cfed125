import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckState, Verification } from '../../runbook/check.ts';
import { BackoutError } from '../../runbook/errors.ts';
import { createFailureClock, type FailureClock, type Observation } from '../../runbook/failure-clock.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import type { Session } from '../fleet/session.ts';
import { GuardObserver } from './guard-observer.ts';
import { assertNobodyElse } from './guard-stand-down.ts';
import { noteMeasured } from './note-measured.ts';
import type { Guarded } from './prepare-guard.ts';

export type GuardState = 'grace' | 'well' | 'settling' | 'failing' | 'unknown';

export interface GuardNews {
	readonly state: GuardState;
	/** ms since the epoch, this machine's clock. */
	readonly at: number;
	/** Duration of the failure so far, by the rule of `createFailureClock`. */
	readonly failedSeconds: number;
	readonly reason: string;
}

export interface WatchOverOptions {
	readonly forMs: number;
	/** Time at the beginning for which failures do not count, ms. */
	readonly graceMs: number;
	readonly intervalMs: number;
	/** Time for which checks must keep failing before the guard acts, ms. */
	readonly lastingMs: number;
	/** True: the checks have just passed, so no failure is older than the watch. Default false. */
	readonly wellAtStart?: boolean;
	onState(news: GuardNews): void;
	onVerification(verification: Verification): void;
	readonly signal: AbortSignal;
}

/** The result of watching: the last observation, or, with `failed`, the reason to run the plan now. */
export interface Watched {
	readonly verdict: CheckState;
	readonly reason: string;
	/** Present when the failure lasted: its description for the journal. */
	readonly failed?: string;
}

/** Maximum length of a reason in the journal, characters. */
const longest = 1000;

/** Returns the reasons of the failed checks, on one line. */
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
 * Watches the target until the time is up or a failure has lasted. Something that cannot be known (the link is lost or slow, Docker does
 * not answer) is never a failure. If the time is up with the outcome undecided, it continues a little longer. Throws `refused` when
 * somebody else takes over, the reason why the host cannot be trusted or reached any more, and the signal's reason.
 */
export const watchOver = async (session: Session, guarded: Guarded, options: WatchOverOptions): Promise<Watched> => {
	const { host, target } = session;
	const { forMs, graceMs, intervalMs, lastingMs, signal } = options;
	const observer = new GuardObserver(session, options);
	const startedAt = Date.now();
	const until = startedAt + forMs;
	/** Enough to decide about a service that is flapping at the end. */
	const atLast = until + 3 * (target.runbook.verification.settleMs + lastingMs);
	const clock = createFailureClock(lastingMs);
	try {
		for (;;) {
			await sleep(intervalMs, undefined, { signal });
			if (host.link.get().status === 'refused') {
				// Throws the reason, and that it is not retried.
				await host.ready(signal);
			}
			const now = Date.now();
			const seen = observer.observe();
			const inGrace = now < startedAt + graceMs;
			clock.observe(inGrace ? { ...seen, state: seen.state === 'failed' ? 'unknown' : seen.state } : seen);
			const state = stateOf(seen, inGrace);
			options.onState({ state, at: now, failedSeconds: secondsOf(clock), reason: seen.reason });
			const failed = state === 'failing' ? await toRollBack(session, guarded, observer, clock, signal) : undefined;
			if (failed !== undefined) {
				return failed;
			}
			if (now >= until && (seen.settled || now >= atLast)) {
				if (seen.settled && observer.latest !== undefined) {
					await noteMeasured(session, undefined, observer.latest);
				}
				return {
					verdict: seen.settled ? 'passed' : seen.state === 'failed' ? 'failed' : 'unknown',
					reason: seen.reason,
				};
			}
		}
	} finally {
		observer.stop();
	}
};

const secondsOf = ({ failedMs }: FailureClock): number => Math.round(failedMs / 1000);

const stateOf = ({ state, settled }: Observation, inGrace: boolean): GuardState => {
	switch (state) {
		case 'failed':
			return inGrace ? 'grace' : 'failing';
		case 'unknown':
			return 'unknown';
		default:
			return settled ? 'well' : 'settling';
	}
};

/** Returns the reason to run the plan now; undefined if the failure has not lasted, or it is not known whether somebody is working. */
const toRollBack = async (
	session: Session,
	guarded: Guarded,
	observer: GuardObserver,
	clock: FailureClock,
	signal: AbortSignal,
): Promise<Watched | undefined> => {
	const failing = observer.latest;
	const alone = await assertNobodyElse(session, guarded, clock.lasts, signal).then(
		() => true,
		(error: unknown) => {
			if (error instanceof BackoutError && error.code === 'unreachable') {
				return false;
			}
			throw error;
		},
	);
	if (failing === undefined || !alone || !clock.lasts || observer.isBroken) {
		return undefined;
	}
	const why = `failed for ${secondsOf(clock)} s: ${failureLabel(failing)}`;
	return { verdict: 'failed', reason: failing.reason, failed: why.slice(0, longest) };
};
