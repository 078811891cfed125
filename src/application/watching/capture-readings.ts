import type { CapturedContainer, CapturedFact, CapturedReadings } from '../../runbook/captured-readings.ts';
import { durationText } from '../../runbook/duration.ts';
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

/** Longest wait for readings before a run, ms: those that have not arrived by then are unknown. */
const captureTimeoutMs = 4000;
/** The same after a run, when nothing waits for them but the report, ms. A busy host may take this long to say which commit it is at. */
const captureAfterMs = 15_000;
/** The same limit before an emergency stop, which must not be delayed, ms. */
export const emergencyCaptureMs = 200;

/** An unchanged reading is not published again before this, ms (services/monitors/sink.ts). */
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
						: `up ${durationText(now - container.startedAt)}`,
					container.image,
				]),
			);

/** Returns the facts of the monitors in the table, either those that come first or the others. */
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
			({ title, state, reason, at, measured }): CapturedFact => ({
				what: `check ${title}`,
				state: state === 'passed' ? 'ok' : state === 'failed' ? 'down' : 'unknown',
				said: reason,
				at,
				stale: false,
				...(measured !== undefined && { measured }),
			}),
		),
	];
};

/** Returns the start of the last unbroken series of minutes with errors. */
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

/** Sanitises every string of a value, one line each. */
const sanitised = <T>(value: T): T =>
	JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
		typeof part === 'string' ? sanitiseText(part) : part,
	) as T;

/** Returns the readings to save with a run: in words, sanitised and masked. */
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

/** Resolves when every reading was taken, or failed for a known reason, or the time is up. */
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

/** Removes a commit that was read before the given moment: it may be the one that the run has left. */
const withoutOldCommit = (snapshot: ReadingsNow, since: number): ReadingsNow => {
	const { commit } = snapshot;
	if (commit === undefined || commit.at > since) {
		return snapshot;
	}
	const { value: _, ...rest } = commit;
	return { ...snapshot, commit: { ...rest, state: 'unknown', reason: 'not read since the run ended', stale: false } };
};

/**
 * Captures the current readings of the session's target, to save with a run; waits a little for missing ones. Undefined when the target is
 * not monitored, or the call was aborted. Never throws: a run does not depend on it.
 */
export const captureReadings = async (
	session: Session,
	moment: CapturedReadings['moment'],
	by: Operator,
	signal?: AbortSignal,
	timeoutMs = moment === 'after' ? captureAfterMs : captureTimeoutMs,
): Promise<Masked<CapturedReadings> | undefined> => {
	const { host, target } = session;
	try {
		const monitoring = session.monitoring?.();
		if (monitoring === undefined) {
			return undefined;
		}
		const watches = watchedBy(target.runbook);
		// The commit is read only twice a minute, so it may predate the run's change.
		const commitSince = moment === 'after' ? Date.now() - renewedMs : 0;
		if (moment === 'after') {
			monitoring.refresh();
		}
		await arrived(monitoring, watches, { commitSince, timeoutMs }, signal);
		if (signal?.aborted === true) {
			return undefined;
		}
		const about = { target: target.name, host: host.name, link: host.link.get() };
		const snapshot = readNow(about, monitoring.readings, watches, Date.now());
		return capturedReadings(withoutOldCommit(snapshot, commitSince), moment, by);
	} catch {
		return undefined;
	}
};
