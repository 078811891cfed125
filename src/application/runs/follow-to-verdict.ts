import { forgetModel } from '../../engines/compose/read-model.ts';
import { capturedAt } from '../../runbook/captured-readings.ts';
import type { Verification } from '../../runbook/check.ts';
import { changes } from '../../runbook/risk.ts';
import type { OutputGap, Run } from '../../runbook/run.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { appendReadings, appendVerdict, followRun, isNoSuchRun, runGone } from '../../services/runner/runner.ts';
import type { Session } from '../fleet/session.ts';
import { readSecrets, secretsOf } from '../secrets/known-secrets.ts';
import { maskOutput } from '../secrets/masked-output.ts';
import { captureReadings } from '../watching/capture-readings.ts';
import { whoami } from './journal.ts';
import { noteVerdict, whyNotCondemned } from './note-verdict.ts';
import { watchForOperator } from './notify.ts';
import { wantsVerification } from './run-plan.ts';
import { verifyRun } from './verification.ts';
import { openCopy } from './write-journal-copy.ts';

/** What whoever follows a run is told. */
export interface FollowHandlers {
	/**
	 * The output, in order, each byte once, whatever the link does meanwhile; secrets are masked. `offset` and `to` say
	 * where it begins and ends on the host: where something is masked that is not the number of the bytes.
	 */
	readonly onOutput?: (bytes: Buffer, offset: number, to: number) => void;
	/** Bytes that the host has not kept, in their place. */
	readonly onGap?: (gap: OutputGap) => void;
	readonly onRun?: (run: Run) => void;
	/** `reason` is given when the link is up and the host does not answer. */
	readonly onLost?: (reason?: string) => void;
	readonly onLive?: () => void;
	readonly onVerification?: (verification: Verification) => void;
}

/** What a run came to. */
export interface Followed {
	readonly run: Run;
	/** Undefined where it was not verified now. */
	readonly verification: Verification | undefined;
}

/** Whether the readings after the run are still to be kept with it: whatever it came to. What only looked needs none. */
const wantsReadings = (session: Session, run: Run): boolean =>
	!session.readOnly && changes(run.plan) && capturedAt(run.readings, 'after') === undefined;

/** Keeps what is read now with the run, there and here. That it cannot be kept changes nothing about the run. */
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
 * Follows a run to its end on the host and then, where nobody has, verifies it to a verdict, which is kept with the run
 * and noted of the commit. A run whose steps did not succeed is not verified. Aborting stops following, nothing else: a
 * verdict that was reached is still noted, and this resolves afterwards. On a read-only target nothing is noted there. A copy
 * of what comes is kept on this machine.
 */
export const followToVerdict = async (
	session: Session,
	id: string,
	handlers: FollowHandlers,
	signal?: AbortSignal,
): Promise<Followed> => {
	const operator = watchForOperator((notice, waitedMs) => session.notify?.(notice, waitedMs));
	const record = debugLog()?.runs();
	const onRun = (run: Run) => {
		record?.(run);
		operator.run(run);
		handlers.onRun?.(run);
	};
	const followed = await followAndVerify(session, id, { ...handlers, onRun }, signal);
	if (signal?.aborted !== true) {
		operator.ended(followed.run, followed.verification);
	}
	return followed;
};

const followAndVerify = async (
	session: Session,
	id: string,
	handlers: FollowHandlers,
	signal?: AbortSignal,
): Promise<Followed> => {
	const { host, target } = session;
	const { onVerification, ...follow } = handlers;
	const copy = openCopy(session, id);
	const masked = maskOutput([], follow.onOutput ?? (() => {}));
	let fromPlan: readonly string[] | undefined;
	let fromHost: readonly string[] | undefined;
	const know = () => {
		const known = [...(fromHost ?? []), ...(fromPlan ?? [])];
		masked.know(known);
		copy.know(known);
	};
	const learn = async () => {
		fromHost = await readSecrets(session, id, signal).catch(() => undefined);
		know();
	};
	await learn();
	signal?.throwIfAborted();
	const run = await followRun(host, target, id, {
		...follow,
		onOutput: (bytes, offset) => {
			copy.output(bytes, offset);
			masked.push(bytes, offset);
		},
		onGap: (gap) => {
			masked.end();
			follow.onGap?.(gap);
		},
		onLive: () => {
			if (fromHost === undefined) {
				// Until they have come, secrets are known by their form only.
				void learn();
			}
			follow.onLive?.();
		},
		onRun: (next) => {
			if (fromPlan === undefined) {
				fromPlan = secretsOf(Object.entries(next.plan.environment));
				know();
			}
			for (const { outputTo } of next.steps) {
				if (outputTo !== undefined) {
					masked.boundary(outputTo);
				}
			}
			copy.run(next);
			if (next.state === 'running' && wantsReadings(session, next)) {
				// So that they have come by the time the run has ended.
				session.monitoring?.();
			}
			follow.onRun?.(next);
		},
		signal,
	})
		.catch((error: unknown) => {
			// That there is such a run was known before.
			throw isNoSuchRun(error) ? runGone(host.name, id, error) : error;
		})
		.finally(() => {
			masked.end();
			return copy.end();
		});
	// Whatever was known of the files before may be otherwise now.
	forgetModel(host, target);
	if (!wantsVerification(run)) {
		if (wantsReadings(session, run)) {
			await keepReadings(session, run, signal);
		}
		return { run, verification: undefined };
	}
	const judged = await verifyRun(session, run, onVerification ?? (() => {}), signal);
	const innocent = await whyNotCondemned(session, run, judged, signal);
	const verification =
		innocent === undefined
			? judged
			: { ...judged, reason: `${judged.reason}. Nothing is held against what was put there: ${innocent}` };
	if (verification !== judged) {
		onVerification?.(verification);
	}
	const verdict = maskDeep({
		verdict: verification.verdict,
		at: Date.now(),
		by: whoami(),
		reason: verification.reason,
		checks: verification.checks,
	});
	const verified = { ...run, verified: verdict };
	copy.run(verified);
	if (session.readOnly) {
		await copy.end();
		handlers.onRun?.(verified);
		return { run: verified, verification };
	}
	// Not to be aborted: a verdict that was shown is kept, also when the operator leaves in that moment.
	await appendVerdict(host, target, id, verdict).catch((error: unknown) => {
		// Deleted meanwhile: there is nothing that it could be kept with.
		if (!isNoSuchRun(error)) {
			throw error;
		}
	});
	if (innocent === undefined) {
		await noteVerdict(session, run, verification, verdict.at);
	}
	if (wantsReadings(session, run)) {
		await keepReadings(session, verified, signal);
	}
	await copy.end();
	handlers.onRun?.(verified);
	return { run: verified, verification };
};
