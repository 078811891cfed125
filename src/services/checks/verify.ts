import type { CheckResult, CheckState, Verification } from '../../runbook/check.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { notCheckedYet, startChecks, versionCheck } from './check-runner.ts';
import { type CheckStanding, standing, standingReason, verdictAtOnce } from './judge-checks.ts';
import type { CheckContext, CheckedOutcome } from './outcome.ts';
import type { Expected } from './version.ts';

export interface VerifyOptions {
	readonly checks: readonly CheckDefinition[];
	/** All must hold at once for this long. */
	readonly settleMs: number;
	/** How long to go on looking, from now; without it the first failure is final. */
	readonly deadlineMs?: number;
	/** Looks at each check once and says how they are at that moment; nothing is watched. */
	readonly oneLook?: boolean;
	/** What held before this does not count: the end of a run's steps, ms by the host's clock. */
	readonly since?: number;
	/** What must run; adds the check `version`. */
	readonly expects?: Expected;
	/** Told whenever something has changed, at most ten times a second. */
	onProgress?(verification: Verification): void;
	readonly signal?: AbortSignal;
}

const recheckEveryMs = 1000;
const tellEveryMs = 100;

interface ChecksVerdict {
	readonly verdict: CheckState;
	readonly reason: string;
}

/**
 * Looks at the checks to a verdict. Passed: all hold at once and have done so for the settling time. It counts from the
 * first look, and from before it only where the host itself has noted it. Failed: a check cannot recover, or the deadline
 * has passed; without a deadline, one has failed. Unknown: something could not be looked at, or is not proven.
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
	/** Set when the deadline passes while all hold, but not long enough yet: the next break is final. */
	let lastChance = false;

	const decide = (now: CheckStanding): ChecksVerdict | undefined => {
		const all = [...results.values()];
		const pending = all.some(({ at }) => at === 0);
		const late = deadlineAt !== undefined && Date.now() >= deadlineAt;
		if (oneLook) {
			return pending ? undefined : verdictAtOnce(now);
		}
		if (!pending && now.holdingSince !== undefined) {
			if (now.heldMs >= settleMs) {
				return { verdict: 'passed', reason: standingReason(now, settleMs) };
			}
			if (deadlineAt !== undefined && Date.now() >= deadlineAt + settleMs + recheckEveryMs) {
				// Since when they hold cannot be seen: Docker does not say when the containers were started.
				return {
					verdict: 'unknown',
					reason: `not within ${Math.round((deadlineMs ?? 0) / 1000)} s: ${standingReason(now, settleMs)}`,
				};
			}
			lastChance = late;
			return undefined;
		}
		if (deadlineAt === undefined) {
			if (pending) {
				return undefined;
			}
			return { verdict: now.failed.length > 0 ? 'failed' : 'unknown', reason: standingReason(now, settleMs) };
		}
		const hopeless = all.filter(
			({ hopelessSince }) => hopelessSince !== undefined && Date.now() - Math.max(hopelessSince, startedAt) >= settleMs,
		);
		if (hopeless.length > 0 && hopeless.every(({ state }) => state === 'unknown')) {
			// What is missing is a proof, which no waiting brings: it is said when everything else has been watched.
			const others = standing(
				all.filter((one) => !hopeless.includes(one)),
				startedAt,
			);
			if (all.length === hopeless.length || others.heldMs >= settleMs) {
				return { verdict: 'unknown', reason: standingReason(now, settleMs) };
			}
		} else if (hopeless.length > 0) {
			const reason = `cannot recover: ${hopeless
				.filter(({ state }) => state === 'failed')
				.map(({ title, reason }) => `${title}: ${reason}`)
				.join('; ')}`;
			return { verdict: 'failed', reason };
		}
		if (!late) {
			return undefined;
		}
		const when = lastChance ? 'did not hold' : `not within ${Math.round((deadlineMs ?? 0) / 1000)} s`;
		return {
			verdict: now.failed.length > 0 ? 'failed' : 'unknown',
			reason: `${when}: ${standingReason(now, settleMs)}`,
		};
	};

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
			settleSeconds: settleMs / 1000,
			holdingSince: stand.holdingSince,
			deadlineAt,
			...(oneLook && { oneLook }),
			...(final !== undefined && provenBy([...results.values()])),
			reason: final?.reason ?? standingReason(stand, settleMs),
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
			const final = decide(stand);
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
		// Nothing is remembered over a change, and what has changed before this is not known.
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

/** Without what only the verdict needs. */
const shown = ({ hopelessSince: _, proven: __, ...result }: CheckedOutcome): CheckResult => result;

const provenBy = (results: readonly CheckedOutcome[]): Pick<Verification, 'proven'> => {
	const proven = results.find((result) => result.proven !== undefined)?.proven;
	return proven === undefined ? {} : { proven };
};
