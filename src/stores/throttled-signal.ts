import { createStore, type Readable } from './store.ts';
import { createThrottle } from './throttle.ts';

/**
 * Notifies at most every `ms` that one of many sources has changed: for values computed from all of them. It subscribes to them only
 * while it has listeners itself.
 */
export const createThrottledSignal = (sources: readonly Readable<unknown>[], ms = 250): Readable<number> => {
	const beats = createStore(0);
	const throttle = createThrottle(() => beats.update((count) => count + 1), ms);
	let listeners = 0;
	let ends: readonly (() => void)[] = [];
	return {
		get: beats.get,
		subscribe: (listener) => {
			const leave = beats.subscribe(listener);
			if (listeners++ === 0) {
				ends = sources.map((source) => source.subscribe(throttle.request));
			}
			return () => {
				leave();
				if (--listeners === 0) {
					throttle.cancel();
					for (const end of ends) {
						end();
					}
				}
			};
		},
	};
};
