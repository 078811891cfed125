import type { CheckResult } from '../../runbook/check.ts';
import { notReadYet } from '../../runbook/reading.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import { describeFailure } from '../host/network-errors.ts';
import { linkIsMade } from '../monitors/link-gate.ts';
import type { Interval } from '../monitors/poll-rate.ts';
import { type Monitor, startPoller } from '../monitors/poller.ts';
import { type ContainerCache, createContainerCache } from './container-cache.ts';
import { lookAtContainers } from './containers.ts';
import { lookAtHttp } from './http.ts';
import { lookAtLogErrors } from './log-errors.ts';
import { lookAtLogState } from './log-state.ts';
import { lookAtMetrics } from './metrics.ts';
import type { CheckContext, CheckedOutcome, CheckFunction } from './outcome.ts';
import { closestScriptMs, recheckInterval, spaced } from './recheck-interval.ts';
import { lookAtScript } from './script.ts';
import { lookAtRunning, lookAtStopped } from './services.ts';
import { createSettleTimer } from './settle-timer.ts';
import { type Expected, lookAtVersion } from './version.ts';

const checkFunctionOf = (
	definition: CheckDefinition,
	context: CheckContext,
	snapshots: ContainerCache,
	share: boolean | undefined,
): CheckFunction => {
	switch (definition.kind) {
		case 'containers':
			return lookAtContainers(definition, context, snapshots, share);
		case 'http':
			return lookAtHttp(definition, context, share);
		case 'log-state':
			return lookAtLogState(definition, context, snapshots);
		case 'log-errors':
			return lookAtLogErrors(definition, context, snapshots);
		case 'metrics':
			return lookAtMetrics(definition, context, snapshots, share);
		case 'stopped':
			return lookAtStopped(definition, context, snapshots);
		case 'running':
			return lookAtRunning(definition, context, snapshots);
		case 'script':
			return lookAtScript(definition, context);
	}
};

interface Named {
	readonly id: string;
	readonly title: string;
}

/** The result of a check that was not looked at yet. */
export const notCheckedYet = ({ id, title }: Named): CheckResult => ({
	id,
	title,
	state: 'unknown',
	reason: 'not looked at yet',
	asked: '',
	evidence: '',
	at: 0,
});

/** A look that takes longer is given up: each part has a time-out of its own, this is the net below. */
const checkTimeoutMs = 30_000;

const limitOf = (definition: CheckDefinition | undefined): number =>
	definition?.kind === 'script' ? Math.max(checkTimeoutMs, definition.timeoutMs + 5000) : checkTimeoutMs;

const checksTwice = (definition: CheckDefinition): boolean => definition.kind === 'metrics' && definition.moves;

export interface CheckRunnerOptions {
	readonly checks: readonly CheckDefinition[];
	/** Adds the check `version`. */
	readonly expects?: Expected;
	/** Uses what is known of containers that have not changed (see `SnapshotOptions`), and the answers that monitors wait for. */
	readonly reuse?: boolean;
	/** Between the beginnings of two looks at a check. */
	readonly intervalMs: Interval;
	onResult(result: CheckedOutcome): void;
}

/** Looks at each check again and again, each at its own pace: one that hangs or fails delays no other. */
export const startChecks = (
	context: CheckContext,
	{ checks, expects, intervalMs, reuse, onResult }: CheckRunnerOptions,
): Monitor => {
	const snapshots = createContainerCache(context, { reuse });
	const watched: readonly (Named & { look: CheckFunction; definition?: CheckDefinition })[] = [
		// What looks twice takes longest, so it begins first.
		...checks
			.toSorted((a, b) => Number(checksTwice(b)) - Number(checksTwice(a)))
			.map((definition) => ({
				id: definition.id,
				title: definition.title,
				look: checkFunctionOf(definition, context, snapshots, reuse),
				definition,
			})),
		...(expects === undefined ? [] : [{ ...versionCheck, look: lookAtVersion(expects, context, snapshots) }]),
	];
	const loops = watched.map(({ id, title, look, definition }) => {
		const interval = recheckInterval(definition, intervalMs, reuse !== true);
		const limitMs = limitOf(definition);
		let last: CheckResult = notCheckedYet({ id, title });
		const hold = createSettleTimer();
		const unknown = (reason: string, at = Date.now()) => {
			hold.lostSight();
			last = { ...last, state: 'unknown', reason, at, passingSince: undefined };
			onResult(last);
		};
		const loop = startPoller({
			host: context.host,
			intervalMs: interval.ms,
			// While the link is made, and when nothing was looked at over it yet, that is no look.
			failed: (reason) => unknown(reason, reason === notReadYet || linkIsMade(context.host.link) ? 0 : Date.now()),
			poll: async (signal) => {
				space.began();
				const limit = AbortSignal.timeout(limitMs);
				try {
					const { since, hopelessSince, proven, ...said } = await look(AbortSignal.any([signal, limit]));
					// Logs and answers of the deployment: here once, for whatever shows or keeps it.
					const outcome = maskDeep(said);
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
		const space = spaced(definition?.kind === 'script' ? closestScriptMs : 0, loop.refresh);
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
