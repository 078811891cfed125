import type { CheckResult, Verification } from '../../runbook/check.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { notCheckedYet, startChecks, versionCheck } from './check-runner.ts';
import { type ChecksVerdict, createDecision, recheckEveryMs } from './decide.ts';
import { createFailurePeriod } from './failure-period.ts';
import { type CheckStanding, standing, standingReason } from './judge-checks.ts';
import type { CheckContext, CheckedOutcome } from './outcome.ts';
import type { Expected } from './version.ts';

export interface VerifyOptions {
	readonly checks: readonly CheckDefinition[];
	/** Time for which all must pass at once, ms. */
	readonly settleMs: number;
	/** Time limit from now, ms; without it the first failure is final. */
	readonly deadlineMs?: number;
	/** True: runs each check once and reports the state at that moment; nothing is watched. */
	readonly oneLook?: boolean;
	/** Passing before this does not count: the end of a run's steps, ms by the host's clock. */
	readonly since?: number;
	/** The expected services and images; adds the check `version`. */
	readonly expects?: Expected;
	/** Called after every change, at most ten times a second. */
	onProgress?(verification: Verification): void;
	readonly signal?: AbortSignal;
}

const tellEveryMs = 100;

/**
 * Runs the checks to a verdict. Passed: all pass at once and have done so for the settling time. It counts from the first run, and from
 * earlier only if the host itself recorded it. Failed: a check cannot recover, or the deadline has passed; without a deadline, one has
 * failed. Unknown: something could not be checked, or is not proven.
 *
 * Resolves with the final verification; rejects only with the signal's reason.
 */
export const verify = (context: CheckContext, options: VerifyOptions): Promise<Verification> => {
	const { checks, settleMs, deadlineMs, since, expects, oneLook = false, onProgress, signal } = options;
	const startedAt = Date.now();
	const deadlineAt = deadlineMs === undefined ? undefined : startedAt + deadlineMs;
	const results = new Map<string, CheckedOutcome>(
		[...checks, ...(expects === undefined ? [] : [versionCheck])].map((check) => [check.id, notCheckedYet(check)]),
	);
	const failures = createFailurePeriod(settleMs);
	const decide = createDecision({
		settleMs,
		settlingMs: failures.settleMs,
		deadlineMs,
		startedAt,
		deadlineAt,
		oneLook,
	});

	return new Promise((resolve, reject) => {
		let telling: NodeJS.Timeout | undefined;
		let over = false;

		const now = (): CheckStanding => {
			const notBefore = since === undefined ? 0 : context.engine.clock.toLocal(since);
			return standing([...results.values()], notBefore);
		};
		const verification = (stand: CheckStanding, final: ChecksVerdict | undefined): Verification => ({
			verdict: final?.verdict ?? 'unknown',
			final: final !== undefined,
			checks: [...results.values()].map(shown),
			startedAt,
			settleSeconds: failures.settleMs() / 1000,
			holdingSince: stand.holdingSince,
			deadlineAt,
			...(oneLook && { oneLook }),
			...(final !== undefined && provenBy([...results.values()])),
			reason: final?.reason ?? standingReason(stand, failures.settleMs()),
		});
		const end = (act: () => void) => {
			if (!over) {
				over = true;
				clearTimeout(telling);
				clearTimeout(deadline);
				signal?.removeEventListener('abort', leave);
				looks?.stop();
				act();
			}
		};
		const leave = () => end(() => reject(signal?.reason));
		const consider = () => {
			if (over) {
				return;
			}
			const stand = now();
			failures.note(stand);
			const final = decide(stand, [...results.values()]);
			if (final !== undefined) {
				end(() => {
					const last = verification(stand, final);
					onProgress?.(last);
					resolve(last);
				});
				return;
			}
			telling ??= setTimeout(() => {
				telling = undefined;
				onProgress?.(verification(now(), undefined));
			}, tellEveryMs);
		};
		// A little late, so that the clock has surely passed it.
		const deadline = deadlineMs === undefined ? undefined : setTimeout(consider, deadlineMs + 5);
		let looks: ReturnType<typeof startChecks> | undefined;
		if (signal?.aborted) {
			leave();
			return;
		}
		signal?.addEventListener('abort', leave, { once: true });
		if (results.size === 0) {
			const none: ChecksVerdict = { verdict: 'unknown', reason: 'there is nothing to check' };
			end(() => resolve(verification(now(), none)));
			return;
		}
		// No cached answer survives a change, and earlier changes are unknown.
		context.engine.forgetDesired();
		looks = startChecks(context, {
			checks,
			expects,
			intervalMs: recheckEveryMs,
			onResult: (result) => {
				if (!over) {
					results.set(result.id, result);
					consider();
				}
			},
		});
		if (over) {
			looks.stop();
		}
	});
};

/** Removes what only the verdict needs. */
const shown = ({ hopelessSince: _, proven: __, ...result }: CheckedOutcome): CheckResult => result;

const provenBy = (results: readonly CheckedOutcome[]): Pick<Verification, 'proven'> => {
	const proven = results.find((result) => result.proven !== undefined)?.proven;
	return proven === undefined ? {} : { proven };
};
