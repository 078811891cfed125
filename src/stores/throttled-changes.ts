import type { Readable } from './store.ts';
import { createThrottle, type Throttle } from './throttle.ts';

/** Changes of a fast-growing number, as its listeners see them: it is read again at most every few ms. */
export interface ThrottledChanges extends Throttle {
	readonly changed: Readable<number>;
}

/**
 * @param read returns the number; called once before each notification
 * @param ms minimum time between two notifications, ms
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
