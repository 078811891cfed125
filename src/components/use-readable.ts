import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from 'react';
import type { Readable } from '../stores/store.ts';

/** Returns a store's value; the component renders again when it changes. */
export const useReadable = <T>(store: Readable<T>): T =>
	useSyncExternalStore(
		useCallback((listener) => store.subscribe(listener), [store]),
		useCallback(() => store.get(), [store]),
	);

const ClockContext = createContext<Readable<number>>({ get: () => Date.now(), subscribe: () => () => {} });

/** Provides the one clock of the screen, ms since the epoch. */
export const ClockProvider = ClockContext.Provider;

export const useClock = (): Readable<number> => useContext(ClockContext);

/**
 * Returns a text computed from stores and the clock. It is computed again when one of them changes, but React renders only when the text
 * differs: the same reading again, or a tick that changes no word, costs no rendering.
 */
export const useComputedText = (sources: readonly Readable<unknown>[], compute: (now: number) => string): string => {
	const clock = useClock();
	const all = useMemo(() => [clock, ...sources], [clock, ...sources]);
	const subscribe = useCallback(
		(listener: () => void) => {
			const ends = all.map((source) => source.subscribe(listener));
			return () => {
				for (const end of ends) {
					end();
				}
			};
		},
		[all],
	);
	return useSyncExternalStore(subscribe, () => compute(clock.get()));
};
