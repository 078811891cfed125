import type { Readable } from '../../src/stores/store.ts';

/** Waits until a store holds what is wanted, and gives it. Rejects with what it held last when that does not come. */
export const until = <T>(store: Readable<T>, wanted: (value: T) => boolean, timeoutMs = 60_000): Promise<T> =>
	new Promise((resolve, reject) => {
		const look = () => {
			const value = store.get();
			if (wanted(value)) {
				clearTimeout(timer);
				unsubscribe();
				resolve(value);
			}
		};
		const timer = setTimeout(() => {
			unsubscribe();
			reject(new Error(`did not come; at the end there was ${JSON.stringify(store.get())}`));
		}, timeoutMs);
		const unsubscribe = store.subscribe(look);
		look();
	});
