import type { Verification } from '../../runbook/check.ts';
import type { Suggestion } from '../../runbook/diagnose.ts';
import type { LinkState } from '../../runbook/link.ts';
import { isStale, type Reading, type ReadingState } from '../../runbook/reading.ts';
import type { ListMonitorKind, Named } from '../../services/monitors/list-monitor-kind.ts';
import { listMonitorKinds, monitorKinds } from '../../services/monitors/monitor-kinds.ts';
import { type ReadingStores, readingOf, readingsOf } from '../../stores/readings.ts';
import type { Readable } from '../../stores/store.ts';

/** One reading as `status` shows it: what a script gets, with its age. */
export interface ReadingEntry<T = unknown> {
	readonly state: ReadingState;
	readonly reason?: string;
	/** ms since the epoch; 0 when never read. */
	readonly at: number;
	readonly stale: boolean;
	readonly value?: T;
}

type Value<S> = S extends Readable<Reading<infer T>> ? T : never;
type Entry<K extends keyof ReadingStores> = ReadingEntry<Value<ReadingStores[K]>>;

/** All readings of a target at one moment. What the runbook does not watch is left out. */
export interface ReadingsNow {
	readonly target: string;
	readonly host: string;
	/** ms since the epoch. */
	readonly at: number;
	readonly link: Pick<LinkState, 'status' | 'rttMs' | 'reason'>;
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
	/** What the runbook suggests for these readings; nothing starts by itself. */
	readonly suggestion?: Suggestion;
}

const entry = <T>(reading: Reading<T>, now: number): ReadingEntry<T> => ({
	state: reading.state,
	...(reading.reason !== undefined && { reason: reading.reason }),
	at: reading.at,
	stale: isStale(reading, now),
	...(reading.value !== undefined && { value: reading.value }),
});

/** The entry of a monitor, by its name; undefined where nobody watches it. */
export const entryOf = (now: ReadingsNow, name: string): ReadingEntry | undefined =>
	(now as unknown as Readonly<Record<string, ReadingEntry | undefined>>)[name];

/** The entries of the monitors of which there are several, each with its monitor. */
export const listedEntries = (
	now: ReadingsNow,
): readonly { readonly kind: ListMonitorKind; readonly entry: ReadingEntry & Named }[] =>
	Object.entries(listMonitorKinds).flatMap(([name, kind]) =>
		((now as unknown as Readonly<Record<string, readonly (ReadingEntry & Named)[]>>)[name] ?? []).map((entry) => ({
			kind,
			entry,
		})),
	);

/** Every reading store that the runbook makes something watch. `watches`: names of monitors. */
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
	stores: ReadingStores & { readonly suggestion: Readable<ReadingsNow['suggestion']> },
	watches: readonly string[],
	now: number,
): ReadingsNow => {
	const { status, rttMs, reason } = about.link;
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
		link: { status, ...(rttMs !== undefined && { rttMs }), ...(reason !== undefined && { reason }) },
		containers: entry(stores.containers.get(), now),
		...(Object.fromEntries(lists) as unknown as Pick<ReadingsNow, 'health'>),
		...(Object.fromEntries(entries) as unknown as Pick<ReadingsNow, 'disk'>),
		...(checks !== undefined && { checks }),
		...(suggestion !== undefined && { suggestion }),
	};
};

/** Every reading that is watched, with its name where all that is not well is listed. */
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

/** True when nothing that is watched is degraded, down, unknown or stale, and no check stands failed or unknown. */
export const allWell = (snapshot: ReadingsNow): boolean =>
	titledEntries(snapshot).every(({ entry }) => entry.state === 'ok' && !entry.stale) &&
	(snapshot.checks ?? []).every(({ state }) => state === 'passed');
