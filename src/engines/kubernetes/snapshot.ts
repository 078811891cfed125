import { BackoutError } from '../../runbook/errors.ts';
import { createHostClock, type HostClock } from '../../services/host/clock.ts';
import type { Host } from '../../services/host/host.ts';
import { lastLineOf, runScript } from '../../services/host/run-script.ts';
import { orAbort } from '../../services/host/sleep.ts';
import { explainKubectl, forbiddenIn } from './explain.ts';
import kubectl from './kubectl.sh';
import { type ClusterPlace, placeVariables } from './place.ts';
import { type Records, readRecords } from './records.ts';
import script from './snapshot.sh';

/** A deployment at one moment, as the API server knows it. */
export interface Snapshot extends Records {
	/** Plural names of the kinds that this login may not list: `nodes`, `events`. */
	readonly forbidden: readonly string[];
}

export interface SnapshotReader {
	readonly clock: HostClock;
	/** Reads a snapshot; the request begins after the call. Calls made before it begins share it. */
	read(signal?: AbortSignal): Promise<Snapshot>;
	/** Returns the last snapshot if it is younger than this, ms, or has just come; otherwise reads one. */
	recent(maxAgeMs: number, signal?: AbortSignal): Promise<Snapshot>;
	/** Returns the last snapshot, however old. */
	last(): Snapshot | undefined;
}

const timeoutMs = 45_000;
/** Time after its end for which a snapshot has just come, ms: on a slow host it is older than many callers allow when it comes. */
const justReadMs = 250;
/** The most that is read: some thousand pods. */
const maxBytes = 64 * 1024 * 1024;

/** Kinds without which nothing can be said; nodes and events are worth having, no more. */
const needed = ['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'controllerrevisions', 'pods'];

/** Reads the deployment of this place, by way of kubectl on the host. */
export const createSnapshotReader = (host: Host, place: ClusterPlace): SnapshotReader => {
	const clock = createHostClock();
	let newest: { readonly snapshot: Snapshot; readonly at: number; readonly endedAt: number } | undefined;
	let last: Snapshot | undefined;
	let waiting: Promise<Snapshot> | undefined;
	/** The request under way; settled when there is none. */
	let running: Promise<unknown> = Promise.resolve();

	const ask = async (): Promise<Snapshot> => {
		const at = performance.now();
		const askedAt = Date.now();
		const { code, stdout, stderr, truncated } = await runScript(host, script, {
			purpose: 'read the deployment',
			prelude: [kubectl],
			environment: placeVariables(place),
			anyExit: true,
			timeoutMs,
			maxBytes,
		});
		const records = readRecords(stdout);
		if (records.hostSeconds !== undefined) {
			clock.note(new Date(records.hostSeconds * 1000).toUTCString(), askedAt, Date.now());
		}
		const forbidden = forbiddenIn(stderr);
		const missing = forbidden.filter((kind) => needed.includes(kind));
		const isPartial = code !== 0 && forbidden.length > 0 && missing.length === 0;
		if (truncated) {
			throw new BackoutError('failed', 'the namespace has more objects than can be read', {
				host: host.name,
				next: 'Set kubernetes.selector of this target.',
			});
		}
		if (code !== 0 && !isPartial) {
			throw explainKubectl(host.name, 'cannot read the deployment', lastLineOf(stderr), code, place, missing);
		}
		const snapshot = { ...records, forbidden };
		newest = { snapshot, at, endedAt: performance.now() };
		last = snapshot;
		return snapshot;
	};

	const read = (signal?: AbortSignal): Promise<Snapshot> => {
		signal?.throwIfAborted();
		if (waiting === undefined) {
			// One at a time: each is a process on the host, and whoever calls meanwhile shares the next.
			const mine = Promise.all([running, new Promise<void>((resolve) => setImmediate(resolve))]).then(() => {
				waiting = undefined;
				const answer = ask();
				running = answer.catch(() => {
					// Nothing is known any more.
					newest = undefined;
				});
				return answer;
			});
			// Whoever waits for it may have given up.
			mine.catch(() => {});
			waiting = mine;
		}
		return orAbort(waiting, signal);
	};

	return {
		clock,
		read: async (signal) => read(signal),
		recent: async (maxAgeMs, signal) => {
			const now = performance.now();
			const isRecent =
				newest !== undefined && (now - newest.at < maxAgeMs || now - newest.endedAt < Math.min(maxAgeMs, justReadMs));
			return isRecent && newest !== undefined ? newest.snapshot : read(signal);
		},
		last: () => last,
	};
};
