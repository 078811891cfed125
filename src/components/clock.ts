import { createStore, type Readable } from '../stores/store.ts';

export interface Clock extends Readable<number> {
	stop(): void;
}

/**
 * Starts the clock of a screen: ms since the epoch, updated once a second. The screen rounds ages, so most ticks change nothing that is
 * shown. A screen reader reads every change, so for it the clock is slower.
 */
export const startClock = (everyMs = 1000): Clock => {
	const { get, subscribe, set } = createStore(Date.now());
	const timer = setInterval(() => set(Date.now()), everyMs);
	timer.unref();
	return { get, subscribe, stop: () => clearInterval(timer) };
};
