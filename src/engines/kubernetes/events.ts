import type { EventOptions } from '../../engine/engine.ts';
import { type EventSource, followEvents } from '../../engine/follow-events.ts';
import type { Host } from '../../services/host/host.ts';
import { sleep } from '../../services/host/sleep.ts';
import { kubectlStream } from './kubectl-stream.ts';
import type { ClusterPlace } from './place.ts';
import { PodJournal } from './pod-journal.ts';
import type { SnapshotReader } from './snapshot.ts';
import script from './watch.sh';

/** Interval between two looks, ms, while the stream of changes is silent: it may have been cut without a word. */
const lookEveryMs = 10_000;
/** Intervals after a change until what follows from it is there, ms. */
const soonMs = [200, 1000, 3000];
/** Wait before the stream is opened again, ms; doubled each time that it does not last, up to the longest. */
const reopenMs = 1000;
const longestReopenMs = 60_000;
/** A stream that ends sooner, ms, is refused: this login may not watch, or the API server does not answer. */
const lastingMs = 5000;

/**
 * Calls `hear` at each change of a pod, until the signal is aborted. A stream that ends, for whatever reason, is opened again, and what was
 * missed meanwhile is found by a look: it is not asked to go on from where it was.
 */
const listen = async (host: Host, place: ClusterPlace, hear: () => void, signal: AbortSignal): Promise<void> => {
	let waitMs = reopenMs;
	while (!signal.aborted) {
		const openedAt = performance.now();
		try {
			for await (const _ of kubectlStream(host, place, { script, purpose: 'follow the pods', signal })) {
				hear();
			}
		} catch {
			// An API server that does not answer is reported by the next look.
		}
		const lasted = performance.now() - openedAt > lastingMs;
		waitMs = lasted ? reopenMs : Math.min(2 * waitMs, longestReopenMs);
		if (lasted) {
			// Meanwhile something may have changed.
			hear();
		}
		await sleep(waitMs, signal);
	}
};

/** Returns a function that waits until the next look, which is soon after a change. */
const createPauses = (host: Host, place: ClusterPlace, signal: AbortSignal): (() => Promise<void>) => {
	// What changes while the stream is being opened is not told.
	let soon: number[] = [...soonMs];
	let wake: AbortController | undefined;
	void listen(
		host,
		place,
		() => {
			soon = [...soonMs];
			wake?.abort();
		},
		signal,
	);
	return async () => {
		if (soon.length === 0) {
			wake = new AbortController();
			await sleep(lookEveryMs, AbortSignal.any([signal, wake.signal]));
			wake = undefined;
		}
		// Either the time is over, or there was a change, which others follow.
		const next = soon.shift();
		if (next !== undefined) {
			await sleep(next, signal);
		}
		signal.throwIfAborted();
	};
};

/** Returns a function that follows the pods of a deployment. All its streams share what they have seen. */
export const createPodEvents = (host: Host, place: ClusterPlace, reader: SnapshotReader, project: string) => {
	const journal = new PodJournal(project);
	const source: EventSource = {
		look: async (signal) => journal.note(await reader.recent(150, signal), reader.clock.now()),
		reader: (since) => journal.reader(since),
		pauses: (signal) => createPauses(host, place, signal),
	};
	return (options: EventOptions) => followEvents(source, options);
};
