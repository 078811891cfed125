import { capturedAt } from '../../runbook/captured-readings.ts';
import type { Verification } from '../../runbook/check.ts';
import { onlyWatched } from '../../runbook/guard-run.ts';
import { changes } from '../../runbook/risk.ts';
import type { Run, RunVerdict } from '../../runbook/run.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { appendReadings, appendVerdict, isNoSuchRun } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { captureReadings } from '../watching/capture-readings.ts';
import { sendUnsentNotices } from './channel-notices.ts';
import { type FollowHandlers, followMasked } from './follow-masked.ts';
import { whoami } from './journal.ts';
import { keepVerifiedImages } from './keep-verified-images.ts';
import { noteBlocks } from './note-blocks.ts';
import { noteMeasured } from './note-measured.ts';
import { noteVerdict, whyNotCondemned } from './note-verdict.ts';
import { watchForOperator } from './notify.ts';
import { wantsVerification } from './run-plan.ts';
import { leaseSilence } from './silence-lease.ts';
import { verifyRun } from './verification.ts';
import { type CopyWriter, openCopy } from './write-journal-copy.ts';

/** The result of a run. */
export interface Followed {
	readonly run: Run;
	/** Undefined when it was not verified now. */
	readonly verification: Verification | undefined;
}

/** True when the readings after the run are still to be saved with it, whatever its result. A run that changes nothing needs none. */
const wantsReadings = (session: Session, run: Run): boolean =>
	!session.readOnly && changes(run.plan) && !onlyWatched(run) && capturedAt(run.readings, 'after') === undefined;

/** Saves the current readings with the run, on the host and here. A failure to save them does not affect the run. */
const keepReadings = async (session: Session, run: Run, signal?: AbortSignal): Promise<void> => {
	const after = await captureReadings(session, 'after', whoami(), signal);
	if (after === undefined) {
		return;
	}
	const copy = openCopy(session, run.id);
	copy.run({ ...run, readings: [...(run.readings ?? []), after] });
	await copy.end();
	await appendReadings(session.host, session.target, run.id, after, signal).catch(() => {});
};

/**
 * Follows a run on the host to its end and then, unless that was done, verifies it to a verdict, which is saved with the run and recorded
 * for the commit. A run whose steps did not succeed is not verified. Aborting stops only the following: a verdict that was reached is still
 * recorded, and this resolves afterwards. On a read-only target nothing is recorded. The output is copied to this machine.
 */
export const followToVerdict = async (
	session: Session,
	id: string,
	handlers: FollowHandlers,
	signal?: AbortSignal,
): Promise<Followed> => {
	const isOwn = session.startedRuns?.has(id) === true;
	const operator = watchForOperator((notice, waitedMs) => session.notify?.(notice, waitedMs), { isOwn });
	const silence = leaseSilence(session);
	const record = debugLog()?.runs();
	const onRun = (run: Run) => {
		record?.(run);
		operator.run(run);
		silence.run(run);
		handlers.onRun?.(run);
	};
	const leave = session.host.stay?.();
	const followed = await followAndVerify(session, id, { ...handlers, onRun }, signal).finally(() => {
		leave?.();
		return silence.end();
	});
	if (signal?.aborted !== true) {
		session.startedRuns?.delete(id);
		operator.ended(followed.run, followed.verification);
	}
	return followed;
};

const followAndVerify = async (
	session: Session,
	id: string,
	{ onVerification, ...handlers }: FollowHandlers,
	signal?: AbortSignal,
): Promise<Followed> => {
	const copy = openCopy(session, id);
	const onRun = (run: Run) => {
		if (run.state === 'running' && wantsReadings(session, run)) {
			// Started now, so that readings are available when the run has ended.
			session.monitoring?.();
		}
		handlers.onRun?.(run);
	};
	const run = await followMasked(session, id, { ...handlers, onRun }, copy, signal);
	// Cached facts about the files may be out of date now.
	session.engine.forgetDesired();
	if (!wantsVerification(run)) {
		if (wantsReadings(session, run)) {
			await keepReadings(session, run, signal);
		}
		return { run, verification: undefined };
	}
	const judged = await judge(session, run, onVerification, signal);
	const verified = await keepVerdict(session, run, judged, copy, signal);
	handlers.onRun?.(verified);
	// The notice of its end may have said that it was not verified yet.
	await sendUnsentNotices(session, signal);
	return { run: verified, verification: judged.verification };
};

interface Judged {
	readonly verification: Verification;
	/** The reason why a failed verdict is not held against the deployed version; undefined when it is. */
	readonly innocent: string | undefined;
}

const judge = async (
	session: Session,
	run: Run,
	onVerification: FollowHandlers['onVerification'],
	signal?: AbortSignal,
): Promise<Judged> => {
	const judged = await verifyRun(session, run, onVerification ?? (() => {}), signal);
	const innocent = await whyNotCondemned(session, run, judged, signal);
	if (innocent === undefined) {
		return { verification: judged, innocent };
	}
	const reason = `${judged.reason}. The version is not marked as bad: ${innocent}`;
	const verification = { ...judged, reason };
	onVerification?.(verification);
	return { verification, innocent };
};

/** Saves a verdict: in the copy, with the run on the host, and for what it judges. */
const keepVerdict = async (
	session: Session,
	run: Run,
	{ verification, innocent }: Judged,
	copy: CopyWriter,
	signal?: AbortSignal,
): Promise<Run> => {
	const verdict = maskDeep<RunVerdict>({
		verdict: verification.verdict,
		at: Date.now(),
		by: whoami(),
		reason: verification.reason,
		checks: verification.checks,
	});
	const verified = { ...run, verified: verdict };
	copy.run(verified);
	if (!session.readOnly) {
		// First: a pipeline that waits for the verdict must then be refused what was rolled back.
		await noteBlocks(session, run, verification);
		// Not abortable: a verdict that was shown is saved, even if the operator leaves at that moment.
		await appendVerdict(session.host, session.target, run.id, verdict).catch((error: unknown) => {
			// Deleted meanwhile, so there is nothing to save it with.
			if (!isNoSuchRun(error)) {
				throw error;
			}
		});
		if (innocent === undefined) {
			await noteVerdict(session, run, verification, verdict.at);
		}
		await Promise.all([noteMeasured(session, run.id, verification), keepVerifiedImages(session, verified)]);
		if (wantsReadings(session, run)) {
			await keepReadings(session, verified, signal);
		}
	}
	await copy.end();
	return verified;
};
