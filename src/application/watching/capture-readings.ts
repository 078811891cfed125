import type { CapturedContainer, CapturedFact, CapturedReadings } from '../../runbook/captured-readings.ts';
import type { Masked } from '../../runbook/masked.ts';
import { type ContainerReading, isSettled, type LogErrorsReading } from '../../runbook/reading.ts';
import type { Operator } from '../../runbook/run.ts';
import { maskDeep } from '../../runbook/secrets-deep.ts';
import { monitorKinds, watchedBy } from '../../services/monitors/monitor-kinds.ts';
import { sanitiseText } from '../../terminal/sanitise.ts';
import type { Session } from '../fleet/session.ts';
import type { Monitoring } from './monitoring.ts';
import {
	entryOf,
	listedEntries,
	type ReadingEntry,
	type ReadingsNow,
	readNow,
	watchedReadings,
} from './readings-now.ts';

/** How long a moment waits for readings that do not come, ms: what has not come by then is unknown. */
const captureTimeoutMs = 4000;
/** The same before an emergency stop, which waits for nothing that it does not need. */
export const emergencyCaptureMs = 200;

/** A reading that did not change is not put in again before this, ms (services/monitors/sink.ts). */
const renewedMs = 1000;

const minuteMs = 60_000;

const seenOf = (what: string, entry: ReadingEntry, words: readonly (string | undefined)[]): CapturedFact => ({
	what,
	state: entry.state,
	said: [...words, entry.reason].filter((word) => word !== undefined && word !== '').join(', '),
	at: entry.at,
	stale: entry.stale && entry.at > 0,
});

const times = (count: number): string => (count === 1 ? '1 restart' : `${count} restarts`);

const seenContainers = ({ containers, at: now }: ReadingsNow): readonly CapturedFact[] =>
	containers.value === undefined || containers.value.length === 0
		? [seenOf('containers', containers, [containers.value === undefined ? undefined : 'none'])]
		: containers.value.map((container) =>
				seenOf(`container ${container.service}`, { ...containers, state: container.state, reason: undefined }, [
					container.status,
					container.health,
					times(container.restarts),
					container.exitCode === undefined || container.exitCode === 0 ? undefined : `exit code ${container.exitCode}`,
					container.startedAt === undefined || container.status !== 'running'
						? undefined
						: `up ${Math.max(0, Math.round((now - container.startedAt) / 1000))} s`,
					container.image,
				]),
			);

/** What the monitors of the table say, those that come first or the others. */
const seenMonitors = (snapshot: ReadingsNow, first: boolean): readonly CapturedFact[] =>
	Object.entries(monitorKinds).flatMap(([name, kind]) => {
		const entry = entryOf(snapshot, name);
		return entry === undefined || (kind.first === true) !== first
			? []
			: [seenOf(kind.factTitle ?? kind.title, entry, entry.value === undefined ? [] : kind.facts(entry.value))];
	});

const seenFacts = (snapshot: ReadingsNow): readonly CapturedFact[] => {
	return [
		...seenMonitors(snapshot, true),
		...listedEntries(snapshot).map(({ kind, entry }) =>
			seenOf(kind.title(entry), entry, kind.facts(entry, entry.value)),
		),
		...seenMonitors(snapshot, false),
		...(snapshot.checks ?? []).map(
			({ title, state, reason, at }): CapturedFact => ({
				what: `check ${title}`,
				state: state === 'passed' ? 'ok' : state === 'failed' ? 'down' : 'unknown',
				said: reason,
				at,
				stale: false,
			}),
		),
	];
};

/** The first minute of the last unbroken row of minutes with errors. */
const errorsSince = (entry: ReadingEntry<LogErrorsReading> | undefined): number | undefined => {
	const history = entry?.value?.history ?? [];
	if (entry === undefined || (history.at(-1) ?? 0) === 0) {
		return undefined;
	}
	return entry.at - (history.length - 1 - history.lastIndexOf(0)) * minuteMs;
};

const suspectedStart = ({ alerts, logErrors }: ReadingsNow): CapturedReadings['suspectedStart'] => {
	const loud = (alerts?.value ?? []).filter(({ quiet }) => quiet === undefined);
	const signs = loud.map(({ name, startsAt }) => ({ at: startsAt, why: `alert ${name} started to fire` }));
	const errors = errorsSince(logErrors);
	if (errors !== undefined) {
		signs.push({ at: errors, why: 'errors in the log started' });
	}
	return signs.filter(({ at }) => at > 0).sort((a, b) => a.at - b.at)[0];
};

const containerOf = ({ service, name, id, image, imageId, status }: ContainerReading): CapturedContainer => ({
	service,
	name,
	id,
	image,
	imageId,
	status,
});

/** Text of the host made harmless, every string of a value: one line each. */
const sanitised = <T>(value: T): T =>
	JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
		typeof part === 'string' ? sanitiseText(part) : part,
	) as T;

/** A snapshot as it is kept with a run: in words, sanitised and masked. */
export const capturedReadings = (
	snapshot: ReadingsNow,
	moment: CapturedReadings['moment'],
	by: Operator,
): Masked<CapturedReadings> => {
	const { at, containers, commit, suggestion } = snapshot;
	const start = suspectedStart(snapshot);
	return maskDeep<CapturedReadings>(
		sanitised({
			moment,
			at,
			by,
			seen: [...seenContainers(snapshot), ...seenFacts(snapshot)],
			...(containers.value !== undefined && { containers: containers.value.map(containerOf) }),
			...(commit?.value !== undefined && {
				commit: {
					hash: commit.value.hash,
					subject: commit.value.subject,
					...(commit.value.branch !== undefined && { branch: commit.value.branch }),
					changed: commit.value.changed,
					untracked: commit.value.untracked,
				},
			}),
			...(start !== undefined && { suspectedStart: start }),
			...(suggestion !== undefined && { suggestion: { procedure: suggestion.procedure, why: suggestion.why } }),
		}),
	);
};

/** Resolves when every reading was taken, or failed and it is known why, or the time is up. */
const arrived = (
	{ readings }: Monitoring,
	watches: readonly string[],
	{ commitSince, timeoutMs }: { readonly commitSince: number; readonly timeoutMs: number },
	signal?: AbortSignal,
): Promise<void> =>
	new Promise((resolve) => {
		const watched = watchedReadings(readings, watches);
		const there = () => watched.every((store) => isSettled(store.get(), store === readings.commit ? commitSince : 0));
		const done = () => {
			clearTimeout(timer);
			for (const unsubscribe of subscriptions) {
				unsubscribe();
			}
			signal?.removeEventListener('abort', done);
			resolve();
		};
		const look = () => there() && done();
		const timer = setTimeout(done, timeoutMs);
		const subscriptions = watched.map((store) => store.subscribe(look));
		signal?.addEventListener('abort', done);
		look();
	});

/**
 * The readings of the session's target now, to be kept with a run; waits a little for those that have not come yet. Undefined
 * when nothing watches the target, or the call was aborted. Never throws: that something could not be read stops no run.
 */
export const captureReadings = async (
	session: Session,
	moment: CapturedReadings['moment'],
	by: Operator,
	signal?: AbortSignal,
	timeoutMs = captureTimeoutMs,
): Promise<Masked<CapturedReadings> | undefined> => {
	const { host, target } = session;
	try {
		const monitoring = session.monitoring?.();
		if (monitoring === undefined) {
			return undefined;
		}
		const watches = watchedBy(target.runbook);
		// The commit is looked at twice a minute only: what the run has changed, it may not know yet.
		const commitSince = moment === 'after' ? Date.now() - renewedMs : 0;
		if (moment === 'after') {
			monitoring.refresh();
		}
		await arrived(monitoring, watches, { commitSince, timeoutMs }, signal);
		if (signal?.aborted === true) {
			return undefined;
		}
		const about = { target: target.name, host: host.name, link: host.link.get() };
		return capturedReadings(readNow(about, monitoring.readings, watches, Date.now()), moment, by);
	} catch {
		return undefined;
	}
};
