import type { Verification } from '../../runbook/check.ts';
import type { Suggestion } from '../../runbook/diagnose.ts';
import type { LinkState } from '../../runbook/link.ts';
import { isStale, type Reading, type ReadingState } from '../../runbook/reading.ts';
import type { ListMonitorKind, Named } from '../../services/monitors/list-monitor-kind.ts';
import { listMonitorKinds, monitorKinds } from '../../services/monitors/monitor-kinds.ts';
import { type ReadingStores, readingOf, readingsOf } from '../../stores/readings.ts';
import type { Readable } from '../../stores/store.ts';
import type { Readings } from '../../stores/workspace.ts';

/** One reading as `status` prints it for scripts, with its age. */
export interface ReadingEntry<T = unknown> {
	readonly state: ReadingState;
	readonly reason?: string;
	/** ms since the epoch; 0 when it was never read. */
	readonly at: number;
	readonly stale: boolean;
	readonly value?: T;
}

type Value<S> = S extends Readable<Reading<infer T>> ? T : never;
type Entry<K extends keyof ReadingStores> = ReadingEntry<Value<ReadingStores[K]>>;

/** All readings of a target at one moment. Things that the runbook does not monitor are left out. */
export interface ReadingsNow {
	readonly target: string;
	readonly host: string;
	/** ms since the epoch. */
	readonly at: number;
	readonly link: Pick<LinkState, 'status' | 'rttMs' | 'reason' | 'instead'>;
	readonly containers: Entry<'containers'>;
	readonly health: readonly (Value<ReadingStores['health'][number]['reading']> extends infer T
		? ReadingEntry<T> & { readonly name: string; readonly url: string }
		: never)[];
	readonly metrics?: Entry<'metrics'>;
	readonly alerts?: Entry<'alerts'>;
	readonly commit?: Entry<'commit'>;
	readonly backups?: Entry<'backups'>;
	readonly disk: Entry<'disk'>;
	readonly logErrors?: Entry<'logErrors'>;
	readonly checks?: Verification['checks'];
	/** The suggestion for these readings; nothing starts automatically. */
	readonly suggestion?: Suggestion;
}

const entry = <T>(reading: Reading<T>, now: number): ReadingEntry<T> => ({
	state: reading.state,
	...(reading.reason !== undefined && { reason: reading.reason }),
	at: reading.at,
	stale: isStale(reading, now),
	...(reading.value !== undefined && { value: reading.value }),
});

/** Returns the entry of a monitor by name; undefined when the runbook does not have it. */
export const entryOf = (now: ReadingsNow, name: string): ReadingEntry | undefined =>
	(now as unknown as Readonly<Record<string, ReadingEntry | undefined>>)[name];

/** Returns the entries of monitors with several readings, each with its monitor. */
export const listedEntries = (
	now: ReadingsNow,
): readonly { readonly kind: ListMonitorKind; readonly entry: ReadingEntry & Named }[] =>
	Object.entries(listMonitorKinds).flatMap(([name, kind]) =>
		((now as unknown as Readonly<Record<string, readonly (ReadingEntry & Named)[]>>)[name] ?? []).map((entry) => ({
			kind,
			entry,
		})),
	);

/** Returns every reading store that the runbook's monitors fill. `watches`: names of monitors. */
export const watchedReadings = (
	stores: ReadingStores,
	watches: readonly string[],
): readonly Readable<Reading<unknown>>[] => [
	stores.containers,
	...Object.keys(listMonitorKinds).flatMap((name) => readingsOf(stores, name).map(({ reading }) => reading)),
	...watches.flatMap((name) => readingOf(stores, name) ?? []),
];

export const readNow = (
	about: { readonly target: string; readonly host: string; readonly link: LinkState },
	stores: Pick<Readings, keyof ReadingStores | 'suggestion'>,
	watches: readonly string[],
	now: number,
): ReadingsNow => {
	const { status, rttMs, reason, instead } = about.link;
	const checks = stores.verification.get()?.checks;
	const suggestion = stores.suggestion.get();
	const entries = watches.flatMap((name) => {
		const store = readingOf(stores, name);
		return store === undefined ? [] : [[name, entry(store.get(), now)] as const];
	});
	const lists = Object.keys(listMonitorKinds).map((name) => [
		name,
		readingsOf(stores, name).map(({ reading, ...named }) => ({ ...named, ...entry(reading.get(), now) })),
	]);
	return {
		target: about.target,
		host: about.host,
		at: now,
		link: {
			status,
			...(rttMs !== undefined && { rttMs }),
			...(reason !== undefined && { reason }),
			...(instead !== undefined && { instead }),
		},
		containers: entry(stores.containers.get(), now),
		...(Object.fromEntries(lists) as unknown as Pick<ReadingsNow, 'health'>),
		...(Object.fromEntries(entries) as unknown as Pick<ReadingsNow, 'disk'>),
		...(checks !== undefined && { checks }),
		...(suggestion !== undefined && { suggestion }),
	};
};

/** Returns every monitored reading, with its name in the list of problems. */
export const titledEntries = (
	now: ReadingsNow,
): readonly { readonly title: string; readonly entry: ReadingEntry }[] => [
	...listedEntries(now).map(({ kind, entry }) => ({ title: kind.title(entry), entry })),
	{ title: 'containers', entry: now.containers },
	...Object.entries(monitorKinds).flatMap(([name, { title }]) => {
		const entry = entryOf(now, name);
		return entry === undefined ? [] : [{ title, entry }];
	}),
];

/** True when nothing monitored is degraded, down, unknown or stale, and no check is failed or unknown. */
export const allWell = (snapshot: ReadingsNow): boolean =>
	titledEntries(snapshot).every(({ entry }) => entry.state === 'ok' && !entry.stale) &&
	(snapshot.checks ?? []).every(({ state }) => state === 'passed');
