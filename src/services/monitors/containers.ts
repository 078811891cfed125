import type { Instance, InstanceEvent, InstanceSummary, Usage } from '../../engine/instance.ts';
import { type ContainerReading, notReadYet, type Reading } from '../../runbook/reading.ts';
import { describeFailure } from '../host/network-errors.ts';
import { afterDrawing } from '../host/sleep.ts';
import { inspectAfterMs, sharedCalls } from '../instances/cached-calls.ts';
import type { WatchedEngine } from '../instances/watched-engine.ts';
import { healthIn, judgeAll, judgeProject, listedReading, toReading } from './container-state.ts';
import type { Expectation } from './expected-containers.ts';
import { closely, type PollRate, paced } from './poll-rate.ts';
import { type Monitor, startPoller } from './poller.ts';
import { byService, sameContainers } from './same-containers.ts';
import { createPublisher, type Sink } from './sink.ts';
import { startStats } from './stats.ts';

/** Between two lists; events tell of changes at once, the list is the safety net and the sign of life. */
const listEveryMs = 5000;
const listLeanMs = 60_000;
/** `inspectAfterMs`, leanly watched. */
const inspectLeanMs = 240_000;
/** Docker's first release, ms since the epoch: no image is older than that. */
const dawn = Date.UTC(2013, 2, 20);
/** From the signal to the end of a container that is being stopped. */
const longestStopMs = 300_000;
/** At most this often figures of use are put on the screen. */
const useEveryMs = 2000;

/** Asks what should run, resting on these containers. Never rejects but when the watch is stopped. */
export type ExpectedServices = (
	containers: readonly string[],
	signal: AbortSignal,
) => Promise<Pick<Expectation, 'desired' | 'main'>>;

interface Known {
	readonly details: Instance;
	readonly words: string;
	readonly inspectedAt: number;
}

/**
 * The containers of a project: a list every few seconds, and an inspection of what changed as soon as it changes. Leanly
 * watched, changes are told as soon; lists come seldom, and the use of CPU and memory is not asked for.
 */
export const watchContainers = (
	{ engine, host }: WatchedEngine,
	sink: Sink<Reading<readonly ContainerReading[]>>,
	pace: PollRate = closely,
	expectedServices?: ExpectedServices,
): Monitor => {
	const { project } = engine;
	const shared = sharedCalls(engine);
	const maxAgeMs = () => 2 * (pace.lean() ? listLeanMs : listEveryMs) + 2000;
	const publisher = createPublisher(sink, { maxAgeMs, same: sameContainers });
	const known = new Map<string, Known>();
	const uses = new Map<string, Usage>();
	/** When a restart of a container was last seen to happen, this machine's clock. */
	const restartedAt = new Map<string, number>();
	/** When images were made, by id; an image does not change. */
	const imageAges = new Map<string, number | undefined>();
	const inspecting = new Map<string, { again: boolean; readonly done: Promise<void> }>();
	/** When the containers were last seen whole; figures of use alone do not make them fresh. */
	let trouble: string | undefined = notReadYet;

	const restartedAgo = (details: Instance): number | undefined => {
		const seen = restartedAt.get(details.id);
		const recorded =
			details.restarts > 0 && details.startedAt !== undefined ? engine.clock.toLocal(details.startedAt) : undefined;
		const last = Math.max(seen ?? 0, recorded ?? 0);
		return last === 0 ? undefined : Date.now() - last;
	};

	/** What should run; nothing is known of it before it was asked for. */
	let expected: Pick<Expectation, 'desired' | 'main'> = { main: [] };
	let asking = expectedServices !== undefined;
	/** Containers that were seen to be sent a signal and to end, and not to be started again. */
	const stopped = new Set<string>();
	const signalled = new Map<string, number>();

	const publish = () => {
		if (trouble !== undefined) {
			return;
		}
		const all = [...known.values()].map(({ details }) => details).toSorted(byService);
		const { containers, named } = judgeProject(all, project, { ...expected, stopped }, restartedAgo);
		const states = new Map(containers.map(({ details, judgement }) => [details.id, judgement.state]));
		const judged = judgeAll(named, project);
		// Whether what has ended is a job that is done is about to be known.
		const { state, reason } = judged.state === 'unknown' && asking ? { ...judged, reason: notReadYet } : judged;
		publisher.publish(
			all.map((details) => ({
				...toReading(details, states.get(details.id) ?? 'unknown'),
				imageCreatedAt: imageAges.get(details.imageId),
				...useOf(details),
			})),
			state,
			reason,
		);
	};

	const useOf = ({ id, status }: Instance): Usage => (status === 'running' ? (uses.get(id) ?? {}) : {});

	const stats = startStats(engine, {
		sample: (id, use) => uses.set(id, use),
		everyMs: useEveryMs,
		tick: publish,
	});

	const keep = (details: Instance, words: string) => {
		const before = known.get(details.id)?.details;
		if (before !== undefined && details.restarts > before.restarts) {
			restartedAt.set(details.id, Date.now());
		}
		known.set(details.id, { details, words, inspectedAt: Date.now() });
		shared.note(details, words);
	};

	/** Asks for the age of images that are new here. It is told beside the state, so that it never holds that up. */
	const dateImages = async (signal: AbortSignal) => {
		const wanted = new Set([...known.values()].map(({ details }) => details.imageId).filter((id) => id !== ''));
		for (const id of [...imageAges.keys()].filter((id) => !wanted.has(id))) {
			imageAges.delete(id);
		}
		const asked = [...wanted].filter((id) => !imageAges.has(id));
		await Promise.all(
			asked.map(async (id) => {
				// An image may be gone while its container runs on. Reproducible builds date theirs 1970 or before.
				const createdAt = (await engine.image(id, signal))?.createdAt ?? 0;
				imageAges.set(id, createdAt > dawn ? createdAt : undefined);
			}),
		);
		if (asked.length > 0) {
			publish();
		}
	};

	/** Asks what should run: a process on the host, so the answer is one that is remembered, mostly. */
	const expect = async (signal: AbortSignal) => {
		const now = await expectedServices?.([...known.keys()].toSorted(), signal);
		const first = asking;
		asking = false;
		if (now !== undefined && (first || now.desired !== expected.desired || now.main.join() !== expected.main.join())) {
			expected = now;
			publish();
		}
	};

	const forget = (id: string) => {
		known.delete(id);
		uses.delete(id);
		restartedAt.delete(id);
		stopped.delete(id);
		signalled.delete(id);
	};

	const settle = () => {
		if (pace.lean()) {
			uses.clear();
		}
		const running = [...known.values()].filter(({ details }) => details.status === 'running');
		stats.watch(pace.lean() ? [] : running.map(({ details }) => details.id));
		publish();
	};

	/** Inspects once more when something happened while an inspection was under way; waits for one that a list has begun. */
	const inspect = async (id: string, words: string, happened: boolean, signal: AbortSignal): Promise<void> => {
		const running = inspecting.get(id);
		if (running !== undefined) {
			running.again ||= happened;
			return happened ? undefined : running.done;
		}
		const { promise: done, resolve } = Promise.withResolvers<void>();
		const mine = { again: happened, done };
		inspecting.set(id, mine);
		try {
			do {
				// What has just happened is not in an answer that somebody else has asked for before.
				const asked = mine.again ? engine.inspect(id, signal) : shared.inspect(id, signal);
				mine.again = false;
				const details = await asked;
				if (details === undefined) {
					forget(id);
				} else if (!mine.again) {
					keep(details, words);
				}
			} while (mine.again);
		} finally {
			inspecting.delete(id);
			resolve();
		}
	};

	const refresh = async (signal: AbortSignal) => {
		const listed = await shared.list(signal);
		const now = Date.now();
		const stale = ({ id, status, words }: InstanceSummary) => {
			const had = known.get(id);
			return (
				had === undefined ||
				had.details.status !== status ||
				now - had.inspectedAt > (pace.lean() ? inspectLeanMs : inspectAfterMs(listed.length)) ||
				healthIn(had.words) !== healthIn(words)
			);
		};
		if (known.size === 0 && listed.length > 0 && !pace.lean()) {
			// The first that is known of them is seen before all of them are asked for more.
			publisher.publish(listed.map(listedReading).toSorted(byService), 'unknown', notReadYet);
			await afterDrawing();
		}
		await Promise.all(listed.filter(stale).map(({ id, words }) => inspect(id, words, false, signal)));
		const present = new Set(listed.map(({ id }) => id));
		for (const id of [...known.keys()].filter((id) => !present.has(id))) {
			forget(id);
		}
		trouble = undefined;
		settle();
		// Compose is a process on the host: nothing waits for it.
		expect(signal).catch(() => {});
		// What fails here is asked for again at the next list.
		await dateImages(signal).catch(() => {});
	};

	const fail = (reason: string) => {
		trouble = reason;
		stats.watch([]);
		publisher.fail(reason);
	};

	const lists = startPoller({
		host,
		intervalMs: paced(pace, listEveryMs, listLeanMs),
		poll: refresh,
		failed: fail,
	});

	const happened = async (event: InstanceEvent, signal: AbortSignal) => {
		if (event.action === 'kill') {
			// A signal was sent; what it does is told by the next event.
			signalled.set(event.id, Date.now());
			return;
		}
		if (event.action === 'start') {
			stopped.delete(event.id);
			signalled.delete(event.id);
		} else if (event.action === 'die' && Date.now() - (signalled.get(event.id) ?? 0) < longestStopMs) {
			stopped.add(event.id);
		}
		if (event.action === 'destroy') {
			forget(event.id);
		} else {
			const had = known.get(event.id);
			if (event.action === 'die' && had !== undefined && trouble === undefined) {
				// Shown at once; whether it is restarted is asked for.
				known.set(event.id, { ...had, details: { ...had.details, status: 'exited', exitCode: event.exitCode } });
				publish();
			}
			await inspect(event.id, '', true, signal);
		}
		if (trouble === undefined) {
			settle();
		}
	};

	let nextEvent: bigint | undefined;
	const events = startPoller({
		host,
		intervalMs: 1000,
		failed: () => {
			// The list says it; while it works, changes are seen by it.
		},
		poll: async (signal) => {
			for await (const event of engine.events({ since: nextEvent, signal, onOpen: () => lists.refresh() })) {
				nextEvent = event.nanos + 1n;
				happened(event, signal).catch((error) => {
					if (!signal.aborted) {
						fail(describeFailure(error));
					}
				});
			}
		},
	});

	return {
		refresh: () => lists.refresh(),
		stop: () => {
			lists.stop();
			events.stop();
			stats.stop();
		},
	};
};
