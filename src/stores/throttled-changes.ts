import type { Readable } from './store.ts';
import { createThrottle, type Throttle } from './throttle.ts';

/** Changes of something that grows fast, as its listeners are told of them: a number that is read anew at most every few ms. */
export interface ThrottledChanges extends Throttle {
	readonly changed: Readable<number>;
}

/**
 * @param read gives the number; called once before each time that the listeners are told
 * @param ms the shortest time between two times
 */
export const createThrottledChanges = (read: () => number, ms: number): ThrottledChanges => {
	let notified = 0;
	const listeners = new Set<() => void>();
	const throttle = createThrottle(() => {
		notified = read();
		for (const listener of [...listeners]) {
			listener();
		}
	}, ms);
	return {
		...throttle,
		changed: {
			get: () => notified,
			subscribe: (listener) => {
				listeners.add(listener);
				return () => listeners.delete(listener);
			},
		},
	};
};
