import type { CheckResult } from '../../runbook/check.ts';
import { notReadYet } from '../../runbook/reading.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import { describeFailure } from '../docker/failure.ts';
import { linkIsMade } from '../monitors/link-gate.ts';
import { type Monitor, startLoop } from '../monitors/loop.ts';
import type { Interval } from '../monitors/pace.ts';
import { lookAtContainers } from './containers.ts';
import { createHold } from './hold.ts';
import { lookAtHttp } from './http.ts';
import { lookAtLogErrors } from './log-errors.ts';
import { lookAtLogState } from './log-state.ts';
import { closestScriptMs, lookInterval, spaced } from './look-interval.ts';
import { lookAtMetrics } from './metrics.ts';
import type { CheckContext, Look, Looked } from './outcome.ts';
import { lookAtScript } from './script.ts';
import { lookAtRunning, lookAtStopped } from './services.ts';
import { createSnapshots, type Snapshots } from './snapshot.ts';
import { type Expected, lookAtVersion } from './version.ts';

const lookFor = (
	definition: CheckDefinition,
	context: CheckContext,
	snapshots: Snapshots,
	share: boolean | undefined,
): Look => {
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
export const notLooked = ({ id, title }: Named): CheckResult => ({
	id,
	title,
	state: 'unknown',
	reason: 'not looked at yet',
	asked: '',
	evidence: '',
	at: 0,
});

/** A look that takes longer is given up: each part has a time-out of its own, this is the net below. */
const lookMs = 30_000;

const limitOf = (definition: CheckDefinition | undefined): number =>
	definition?.kind === 'script' ? Math.max(lookMs, definition.timeoutMs + 5000) : lookMs;

const looksTwice = (definition: CheckDefinition): boolean => definition.kind === 'metrics' && definition.moves;

export interface LooksOptions {
	readonly checks: readonly CheckDefinition[];
	/** Adds the check `version`. */
	readonly expects?: Expected;
	/** Uses what is known of containers that have not changed (see `SnapshotOptions`), and the answers that monitors wait for. */
	readonly reuse?: boolean;
	/** Between the beginnings of two looks at a check. */
	readonly intervalMs: Interval;
	onResult(result: Looked): void;
}

/** Looks at each check again and again, each at its own pace: one that hangs or fails delays no other. */
export const startLooks = (
	context: CheckContext,
	{ checks, expects, intervalMs, reuse, onResult }: LooksOptions,
): Monitor => {
	const snapshots = createSnapshots(context, { reuse });
	const watched: readonly (Named & { look: Look; definition?: CheckDefinition })[] = [
		// What looks twice takes longest, so it begins first.
		...checks
			.toSorted((a, b) => Number(looksTwice(b)) - Number(looksTwice(a)))
			.map((definition) => ({
				id: definition.id,
				title: definition.title,
				look: lookFor(definition, context, snapshots, reuse),
				definition,
			})),
		...(expects === undefined ? [] : [{ ...versionCheck, look: lookAtVersion(expects, context, snapshots) }]),
	];
	const loops = watched.map(({ id, title, look, definition }) => {
		const interval = lookInterval(definition, intervalMs, reuse !== true);
		const limitMs = limitOf(definition);
		let last: CheckResult = notLooked({ id, title });
		const hold = createHold();
		const unknown = (reason: string, at = Date.now()) => {
			hold.lostSight();
			last = { ...last, state: 'unknown', reason, at, passingSince: undefined };
			onResult(last);
		};
		const loop = startLoop({
			host: context.docker.host,
			intervalMs: interval.ms,
			// While the link is made, and when nothing was looked at over it yet, that is no look.
			failed: (reason) =>
				unknown(reason, reason === notReadYet || linkIsMade(context.docker.host.link) ? 0 : Date.now()),
			look: async (signal) => {
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
