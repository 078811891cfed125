import { diagnose } from '../runbook/diagnose.ts';
import { watchChecks } from '../services/checks/watch.ts';
import { startMonitors } from '../services/monitors/monitors.ts';
import { createReadingStores, type ReadingStores } from '../stores/readings.ts';
import { createStore, type Readable } from '../stores/store.ts';
import type { Suggestion } from '../stores/workspace.ts';
import type { Session } from './session.ts';
import { checksOf } from './verification.ts';

export interface Monitoring {
	readonly readings: ReadingStores & { readonly suggestion: Readable<Suggestion | undefined> };
	/** Looks at everything again, now. */
	refresh(): void;
	stop(): void;
}

/** Starts all monitors of a target and the watch over its checks; what fits the readings is suggested. */
export const startMonitoring = ({ docker, target }: Session): Monitoring => {
	const stores = createReadingStores(target);
	const { runbook } = target;
	const suggestion = createStore<Suggestion | undefined>(
		undefined,
		(a, b) => a?.procedure === b?.procedure && a?.why === b?.why,
	);
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
	const subscriptions = seen.map((store) => store.subscribe(suggest));
	const monitors = [
		startMonitors(docker, target, stores),
		watchChecks(
			{ docker, target },
			{ checks: checksOf(target, runbook.verification.checks), settleMs: runbook.verification.settleMs },
			stores.verification,
		),
	];
	return {
		readings: { ...stores, suggestion },
		refresh: () => {
			for (const monitor of monitors) {
				monitor.refresh();
			}
		},
		stop: () => {
			for (const unsubscribe of subscriptions) {
				unsubscribe();
			}
			for (const monitor of monitors) {
				monitor.stop();
			}
		},
	};
};
