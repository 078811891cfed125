import { describeFailure } from '../host/network-errors.ts';
import { closely, type PollRate, paced } from '../monitors/poll-rate.ts';
import { type Monitor, startPoller } from '../monitors/poller.ts';
import { createEventTrust } from './event-trust.ts';
import { inspectAfterMs } from './known-instance.ts';
import type { WatchedEngine } from './watched-engine.ts';

/** Interval between two signs of life, ms: a list, or inspections while events announce every change. */
export const lookEveryMs = 5000;
/** The same in the background, ms, where it is always a list; and the interval of the lists that are made in any case. */
export const listLeanMs = 60_000;
/** `inspectAfterMs` in the background, ms. */
const inspectLeanMs = 240_000;

/**
 * Keeps the model of instances up to date: an inspection of each change as soon as an event announces it, and every few seconds a sign
 * of life. That is an inspection of some instances in turn, and a list once a minute; or a list each time, where events cannot be relied
 * on (event-trust.ts). In the background, events still arrive at once; lists are rare.
 */
export const watchInstances = ({ engine, host, instances }: WatchedEngine, pace: PollRate = closely): Monitor => {
	const trust = createEventTrust();
	const end = instances.watched(() => trust.holds());
	const unsubscribe = instances.subscribe({ changed: trust.read });
	const inspectMs = (count: number) => (pace.lean() ? inspectLeanMs : inspectAfterMs(count));
	let listedAt = Number.NEGATIVE_INFINITY;
	/** True when there must be a list: the lists' turn has come, or only they can tell. */
	const needsList = (): boolean =>
		!trust.holds() ||
		!instances.isLive ||
		instances.get().instances.length === 0 ||
		performance.now() - listedAt > listLeanMs - lookEveryMs / 2;
	const looks = startPoller({
		host,
		intervalMs: paced(pace, lookEveryMs, listLeanMs),
		poll: async (signal) => {
			if (pace.lean() || needsList()) {
				listedAt = performance.now();
				await instances.refresh(inspectMs, !pace.lean(), signal);
			} else {
				await instances.renew(inspectMs, signal);
			}
		},
		failed: (reason) => {
			listedAt = Number.NEGATIVE_INFINITY;
			instances.fail(reason);
		},
	});
	const list = () => {
		listedAt = Number.NEGATIVE_INFINITY;
		looks.refresh();
	};
	let nextEvent: bigint | undefined;
	const events = startPoller({
		host,
		intervalMs: 1000,
		failed: () => {
			// The list reports failures; while it works, it also detects changes.
		},
		poll: async (signal) => {
			const onOpen = () => {
				// The docker command does not say when it has begun to listen.
				trust.listening(engine.streams());
				list();
			};
			try {
				for await (const event of engine.events({ since: nextEvent, signal, onOpen })) {
					nextEvent = event.nanos + 1n;
					trust.event(event);
					instances.take(event, signal).catch((error) => {
						if (!signal.aborted) {
							instances.fail(describeFailure(error));
						}
					});
				}
			} finally {
				trust.listening(false);
			}
		},
	});
	return {
		refresh: list,
		stop: () => {
			end();
			unsubscribe();
			looks.stop();
			events.stop();
		},
	};
};
