import type { Verification } from '../runbook/check.ts';
import {
	type AlertReading,
	type BackupReading,
	type CommitReading,
	type ContainerReading,
	type DiskReading,
	type HealthReading,
	type LogErrorsReading,
	type MetricSeries,
	notWatched,
	type Reading,
	unread,
} from '../runbook/reading.ts';
import type { Target } from '../runbook/runbook.ts';
import { createStore, type Store } from './store.ts';

/** A store for everything that is read of a target; the monitors write them, the screen reads them. */
export interface ReadingStores {
	readonly containers: Store<Reading<readonly ContainerReading[]>>;
	readonly health: readonly {
		readonly name: string;
		readonly url: string;
		readonly reading: Store<Reading<HealthReading>>;
	}[];
	readonly metrics: Store<Reading<readonly MetricSeries[]>>;
	readonly alerts: Store<Reading<readonly AlertReading[]>>;
	readonly commit: Store<Reading<CommitReading>>;
	readonly backups: Store<Reading<BackupReading>>;
	readonly disk: Store<Reading<DiskReading>>;
	readonly logErrors: Store<Reading<LogErrorsReading>>;
	readonly verification: Store<Verification | undefined>;
}

/** Nothing is read yet in any of them; what the runbook does not watch says so and stays so. */
export const createReadingStores = (target: Target): ReadingStores => {
	const { health, metrics, alerts, commit, backups, log } = target.runbook.monitors;
	const store = <T>(watched: unknown): Store<Reading<T>> =>
		createStore<Reading<T>>(unread(0, watched === undefined ? notWatched : undefined));
	return {
		containers: store(true),
		health: health.map(({ name, url }) => ({ name, url, reading: store(true) })),
		metrics: store(metrics),
		alerts: store(alerts),
		commit: store(commit),
		backups: store(backups),
		disk: store(true),
		logErrors: store(log),
		verification: createStore<Verification | undefined>(undefined),
	};
};
