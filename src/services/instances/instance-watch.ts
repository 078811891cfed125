import { describeFailure } from '../host/network-errors.ts';
import { closely, type PollRate, paced } from '../monitors/poll-rate.ts';
import { type Monitor, startPoller } from '../monitors/poller.ts';
import { inspectAfterMs } from './known-instance.ts';
import type { WatchedEngine } from './watched-engine.ts';

/** Interval between two lists, ms; events announce changes at once, the list is the safety net and the sign of life. */
export const listEveryMs = 5000;
/** The same in the background, ms. */
export const listLeanMs = 60_000;
/** `inspectAfterMs` in the background, ms. */
const inspectLeanMs = 240_000;

/**
 * Keeps the model of instances up to date: a list every few seconds, and an inspection of each change as soon as it happens. In the
 * background, events still arrive at once; lists are rare.
 */
export const watchInstances = ({ engine, host, instances }: WatchedEngine, pace: PollRate = closely): Monitor => {
	const end = instances.watched();
	const inspectMs = (count: number) => (pace.lean() ? inspectLeanMs : inspectAfterMs(count));
	const lists = startPoller({
		host,
		intervalMs: paced(pace, listEveryMs, listLeanMs),
		poll: (signal) => instances.refresh(inspectMs, !pace.lean(), signal),
		failed: (reason) => instances.fail(reason),
	});
	let nextEvent: bigint | undefined;
	const events = startPoller({
		host,
		intervalMs: 1000,
		failed: () => {
			// The list reports failures; while it works, it also detects changes.
		},
		poll: async (signal) => {
			for await (const event of engine.events({ since: nextEvent, signal, onOpen: () => lists.refresh() })) {
				nextEvent = event.nanos + 1n;
				instances.take(event, signal).catch((error) => {
					if (!signal.aborted) {
						instances.fail(describeFailure(error));
					}
				});
			}
		},
	});
	return {
		refresh: () => lists.refresh(),
		stop: () => {
			end();
			lists.stop();
			events.stop();
		},
	};
};
