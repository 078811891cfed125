import type { CheckResult } from '../../runbook/check.ts';
import { notReadYet } from '../../runbook/reading.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import { describeFailure } from '../host/network-errors.ts';
import { linkIsMade } from '../monitors/link-gate.ts';
import type { Interval } from '../monitors/poll-rate.ts';
import { type Monitor, startPoller } from '../monitors/poller.ts';
import { checkKindOf } from './check-kinds.ts';
import { createContainerCache } from './container-cache.ts';
import type { CheckContext, CheckedOutcome, CheckFunction, Outcome } from './outcome.ts';
import { closestMs, hasOwnInterval, recheckInterval, spaced } from './recheck-interval.ts';
import { createSettleTimer } from './settle-timer.ts';
import { checkVersion, type Expected } from './version.ts';

interface Named {
	readonly id: string;
	readonly title: string;
}

/** Returns the result of a check that has not run yet. */
export const notCheckedYet = ({ id, title }: Named): CheckResult => ({
	id,
	title,
	state: 'unknown',
	reason: 'not checked yet',
	asked: '',
	evidence: '',
	at: 0,
});

/** Limit for one run of a check, ms: each part has its own timeout, this one is for everything else. */
const checkTimeoutMs = 30_000;

const limitOf = (definition: CheckDefinition | undefined): number =>
	Math.max(checkTimeoutMs, (ownTimeoutMs(definition) ?? 0) + 5000);

const ownTimeoutMs = (definition: CheckDefinition | undefined): number | undefined =>
	definition && checkKindOf(definition).timeoutMs?.(definition);

const checksTwice = (definition: CheckDefinition): boolean => checkKindOf(definition).runsTwice?.(definition) === true;

export interface CheckRunnerOptions {
	readonly checks: readonly CheckDefinition[];
	/** Adds the check `version`. */
	readonly expects?: Expected;
	/** True: reuses facts about unchanged containers (see `SnapshotOptions`), and shares responses with monitors. */
	readonly reuse?: boolean;
	/** Interval between the starts of two runs of a check. */
	readonly intervalMs: Interval;
	/**
	 * While it returns true, nobody reads why a check has passed: such a result comes without its texts, and does not wait for the secrets
	 * that have to be masked in them.
	 */
	readonly onlyStates?: (() => boolean) | undefined;
	onResult(result: CheckedOutcome): void;
}

/** Masks the texts of an outcome, which contain logs and responses of the deployment. */
const maskOutcome = async <T extends Pick<Outcome, 'state' | 'reason' | 'evidence'>>(
	outcome: T,
	context: CheckContext,
	onlyStates: boolean,
): Promise<T> => {
	if (onlyStates && outcome.state === 'passed') {
		return { ...outcome, reason: '', evidence: '' };
	}
	// Again after the look: a process that began during it may have secrets that are newer than the first answer.
	await context.secretsLearned?.();
	return maskDeep(outcome);
};

/** Runs each check at its own interval: one that hangs or fails does not delay the others. */
export const startChecks = (
	context: CheckContext,
	{ checks, expects, intervalMs, reuse, onlyStates, onResult }: CheckRunnerOptions,
): Monitor => {
	const snapshots = createContainerCache(context, { reuse });
	const watched: readonly (Named & { look: CheckFunction; definition?: CheckDefinition })[] = [
		// Checks that read twice take longest, so they start first.
		...checks
			.toSorted((a, b) => Number(checksTwice(b)) - Number(checksTwice(a)))
			.map((definition) => ({
				id: definition.id,
				title: definition.title,
				look: checkKindOf(definition).run(definition, { context, snapshots, share: reuse }),
				definition,
			})),
		...(expects === undefined ? [] : [{ ...versionCheck, look: checkVersion(expects, context, snapshots) }]),
	];
	const loops = watched.map(({ id, title, look, definition }) => {
		const interval = recheckInterval(definition, intervalMs, reuse !== true);
		const limitMs = limitOf(definition);
		let last: CheckResult = notCheckedYet({ id, title });
		const hold = createSettleTimer();
		const unknown = (reason: string, at = Date.now()) => {
			hold.lostSight();
			last = {
				...last,
				state: 'unknown',
				reason,
				at,
				passingSince: undefined,
				inconclusive: undefined,
				measured: undefined,
			};
			onResult(last);
		};
		const loop = startPoller({
			host: context.host,
			intervalMs: interval.ms,
			// While the link is being made, with nothing read over it yet, this is no result.
			failed: (reason) => unknown(reason, reason === notReadYet || linkIsMade(context.host.link) ? 0 : Date.now()),
			poll: async (signal) => {
				space.began();
				const limit = AbortSignal.timeout(limitMs);
				try {
					const quick = onlyStates?.() === true;
					const [{ since, hopelessSince, proven, ...said }] = await Promise.all([
						look(AbortSignal.any([signal, limit])),
						quick ? undefined : context.secretsLearned?.(),
					]);
					// Once, here, for every reader.
					const outcome = await maskOutcome(said, context, quick);
					const at = Date.now();
					interval.saw(outcome.state);
					if (outcome.state === 'unknown') {
						hold.lostSight();
					} else if (outcome.state === 'failed') {
						hold.broke();
					}
					const passingSince = outcome.state === 'passed' ? hold.since(at, since) : undefined;
					last = { id, title, ...outcome, at, passingSince };
					onResult({ ...last, proven, hopelessSince: outcome.state === 'passed' ? undefined : hopelessSince });
				} catch (error) {
					if (signal.aborted) {
						throw error;
					}
					interval.saw('unknown');
					unknown(limit.aborted ? `no answer within ${limitMs / 1000} s` : describeFailure(error));
				}
			},
		});
		const space = spaced(hasOwnInterval(definition) ? closestMs : 0, loop.refresh);
		return {
			refresh: space.request,
			stop: () => {
				space.stop();
				loop.stop();
			},
		};
	});
	return {
		refresh: () => {
			for (const loop of loops) {
				loop.refresh();
			}
		},
		stop: () => {
			for (const loop of loops) {
				loop.stop();
			}
		},
	};
};

export const versionCheck: Named = { id: 'version', title: 'Version' };
