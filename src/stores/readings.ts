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
import { createStore, type Store } from './store.ts';

/** A store for each reading of a target; the monitors write them, the screen reads them. */
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

/** Returns the store of a monitor's reading, by the monitor's name; undefined if there is no such monitor. */
export const readingOf = <T = unknown>(readings: object, name: string): Store<Reading<T>> | undefined =>
	(readings as Readonly<Record<string, Store<Reading<T>>>>)[name];

/** Returns the stores of a monitor with several readings, in the order of the runbook. */
export const readingsOf = <T = unknown>(
	readings: object,
	name: string,
): readonly { readonly name: string; readonly reading: Store<Reading<T>> }[] =>
	(readings as Readonly<Record<string, readonly { readonly name: string; readonly reading: Store<Reading<T>> }[]>>)[
		name
	] ?? [];

/**
 * Creates the stores, before anything is read; things that the runbook does not monitor stay marked as such.
 *
 * @param watched tells for each of all monitors, by its name, if it is used
 * @param listed for each monitor with several readings, those that the runbook names
 */
export const createReadingStores = (
	watched: Readonly<Record<string, boolean>>,
	listed: Readonly<Record<string, readonly { readonly name: string }[]>>,
): ReadingStores => {
	const store = <T>(isWatched: boolean): Store<Reading<T>> =>
		createStore<Reading<T>>(unread(0, isWatched ? undefined : notWatched));
	return {
		containers: store(true),
		...(Object.fromEntries(
			Object.entries(listed).map(([name, all]) => [name, all.map((one) => ({ ...one, reading: store(true) }))]),
		) as unknown as Pick<ReadingStores, 'health'>),
		verification: createStore<Verification | undefined>(undefined),
		...(Object.fromEntries(Object.entries(watched).map(([name, isWatched]) => [name, store(isWatched)])) as Pick<
			ReadingStores,
			'metrics' | 'alerts' | 'commit' | 'backups' | 'disk' | 'logErrors'
		>),
	};
};
