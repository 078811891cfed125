import { createStore, type Readable } from '../stores/store.ts';

export interface Clock extends Readable<number> {
	stop(): void;
}

/**
 * The clock of a screen: ms since the epoch, looked at once a second. What hangs on it says ages in coarse words, so that
 * most ticks change nothing that is shown. A screen reader reads what changes: it is told the time less often.
 */
export const startClock = (everyMs = 1000): Clock => {
	const { get, subscribe, set } = createStore(Date.now());
	const timer = setInterval(() => set(Date.now()), everyMs);
	timer.unref();
	return { get, subscribe, stop: () => clearInterval(timer) };
};
