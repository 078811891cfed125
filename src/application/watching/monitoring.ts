import { diagnose, type Suggestion, sameSuggestion } from '../../runbook/diagnose.ts';
import type { Target } from '../../runbook/runbook.ts';
import { crashLoopIn } from '../../services/checks/crash-loop.ts';
import { watchChecks } from '../../services/checks/recheck-loop.ts';
import type { WatchedEngine } from '../../services/instances/watched-engine.ts';
import { configOf, listedBy, monitorKinds } from '../../services/monitors/monitor-kinds.ts';
import { startMonitors } from '../../services/monitors/monitors.ts';
import { paced } from '../../services/monitors/poll-rate.ts';
import { createReadingStores, type ReadingStores } from '../../stores/readings.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import { createThrottle } from '../../stores/throttle.ts';
import { checkContext } from './check-context.ts';
import { checksOf } from './checks-of.ts';
import { recheckOnChange } from './recheck-on-change.ts';

export interface Monitoring {
	readonly readings: ReadingStores & { readonly suggestion: Readable<Suggestion | undefined> };
	/** Reads everything again now. */
	refresh(): void;
	/**
	 * Polls everything, or at the lower rate: only containers, checks and the host's facts, and those rarely. It starts at the full rate,
	 * unless told otherwise.
	 */
	attend(closely: boolean): void;
	stop(): void;
}

/** Interval between two runs of a check, ms: while the target is shown, and while it is one of many. */
const checkMs = 5000;
const checkLeanMs = 50_000;
/** Minimum interval between checks after changes of containers, while it is one of many, ms. */
const checkSoonMs = 10_000;

/** Starts all monitors and checks of a target; suggestions follow from the readings. */
export const startMonitoring = (
	watched: WatchedEngine & { readonly target: Target },
	{ lean: leanFirst = false }: { readonly lean?: boolean } = {},
): Monitoring => {
	const { engine, instances, target } = watched;
	let lean = leanFirst;
	const pace = { lean: () => lean };
	const { runbook } = target;
	const stores = createReadingStores(
		Object.fromEntries(Object.keys(monitorKinds).map((name) => [name, configOf(runbook, name) !== undefined])),
		listedBy(runbook),
	);
	const suggestion = createStore<Suggestion | undefined>(undefined, sameSuggestion);
	const suggest = () =>
		suggestion.set(
			diagnose(runbook.suggestions, {
				containers: stores.containers.get(),
				verification: stores.verification.get(),
				health: stores.health.map(({ name, reading }) => ({ name, reading: reading.get() })),
				logErrors: stores.logErrors.get(),
				commit: stores.commit.get(),
				now: Date.now(),
			}),
		);
	const seen: readonly Pick<Readable<unknown>, 'subscribe'>[] = [
		stores.containers,
		stores.verification,
		stores.logErrors,
		stores.commit,
		...stores.health.map(({ reading }) => reading),
	];
	// First, as the first to start is the first on the screen: the containers.
	const monitors = startMonitors(watched, stores, pace);
	const checks = watchChecks(
		checkContext(watched),
		{
			checks: checksOf(target, runbook.verification.checks),
			settleMs: runbook.verification.settleMs,
			intervalMs: paced(pace, checkMs, checkLeanMs),
			onlyStates: pace.lean,
			crashLoop: () => crashLoopIn(watched.instances),
		},
		stores.verification,
	);
	const refresh = () => {
		monitors.refresh();
		checks.refresh();
	};
	// At the lower rate, a crashing container does not trigger the checks at each restart.
	const seldom = createThrottle(checks.refresh, checkSoonMs);
	const lookAgain = () => (lean ? seldom.request() : checks.refresh());
	let commit: string | undefined;
	/** Another commit has other Compose files. */
	const forgetFiles = () => {
		const now = stores.commit.get().value?.hash;
		if (now !== undefined && commit !== undefined && now !== commit) {
			engine.forgetDesired();
		}
		commit = now ?? commit;
	};
	const subscriptions = [
		stores.commit.subscribe(forgetFiles),
		...seen.map((store) => store.subscribe(suggest)),
		recheckOnChange(instances, stores.health, lookAgain),
	];
	return {
		readings: { ...stores, suggestion },
		refresh,
		attend: (closely) => {
			if (lean === closely) {
				lean = !closely;
				monitors.paceChanged();
				if (closely) {
					checks.refresh();
				}
			}
		},
		stop: () => {
			for (const unsubscribe of subscriptions) {
				unsubscribe();
			}
			monitors.stop();
			checks.stop();
			seldom.cancel();
		},
	};
};
