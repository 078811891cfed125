import type { Reading, ReadingState } from '../../runbook/reading.ts';
import { type Interval, msOf } from './poll-rate.ts';

/** Receives the readings of a monitor; a store is one. */
export interface Sink<T> {
	get(): T;
	set(next: T): void;
}

export interface Publisher<T> {
	/** Publishes a value that was read at a time, ms since the epoch: now, unless it is given. */
	publish(value: T, state: ReadingState, reason?: string, at?: number): void;
	/** Publishes a failure: the last value stays, with its old time, and the state becomes unknown. */
	fail(reason: string): void;
}

export interface PublisherOptions<T> {
	readonly maxAgeMs: Interval;
	/** True when a person would see no difference. */
	readonly same?: (a: T, b: T) => boolean;
	/** Time after which an unchanged value is published again, for its age, ms. Default 900. */
	readonly renewMs?: number;
}

/** Publishes readings to a sink, but only those that look different or whose age has to be renewed. */
export const createPublisher = <T>(sink: Sink<Reading<T>>, options: PublisherOptions<T>): Publisher<T> => {
	const { same = Object.is, renewMs = 900 } = options;
	return {
		publish: (value, state, reason, at = Date.now()) => {
			const now = sink.get();
			const unchanged =
				now.state === state && now.reason === reason && now.value !== undefined && same(now.value, value);
			if (!unchanged || at - now.at >= renewMs) {
				sink.set({ value: unchanged ? now.value : value, state, reason, at, maxAgeMs: msOf(options.maxAgeMs) });
			}
		},
		fail: (reason) => {
			const now = sink.get();
			if (now.state !== 'unknown' || now.reason !== reason) {
				sink.set({ ...now, state: 'unknown', reason, maxAgeMs: msOf(options.maxAgeMs) });
			}
		},
	};
};
