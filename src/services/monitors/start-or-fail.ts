import { messageOf } from '../../runbook/errors.ts';
import { type Reading, unread } from '../../runbook/reading.ts';
import type { Monitor } from './poller.ts';
import type { Sink } from './sink.ts';

/** Starts a monitor; a failure to start becomes an unknown reading with the reason, and does not affect other monitors. */
export const startOrFail = <T>(sink: Sink<Reading<T>>, start: () => Monitor): Monitor => {
	try {
		return start();
	} catch (error) {
		sink.set(unread(0, messageOf(error)));
		return { refresh: () => {}, stop: () => {} };
	}
};
