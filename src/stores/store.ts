/** A value that can be read now and that announces its changes. Fits React's `useSyncExternalStore`. */
export interface Readable<T> {
	get(): T;
	/** @returns a function that ends the subscription */
	subscribe(listener: () => void): () => void;
}

export interface Store<T> extends Readable<T> {
	/** Notifies the listeners only if the value differs (by `same`, default `Object.is`). */
	set(next: T): void;
	update(change: (now: T) => T): void;
}

/** Creates a cell of observable state. Nothing in it is asynchronous: a listener runs inside `set`. */
export const createStore = <T>(initial: T, same: (a: T, b: T) => boolean = Object.is): Store<T> => {
	let value = initial;
	const listeners = new Set<() => void>();
	const set = (next: T) => {
		if (same(value, next)) {
			return;
		}
		value = next;
		for (const listener of [...listeners]) {
			listener();
		}
	};
	return {
		get: () => value,
		set,
		update: (change) => set(change(value)),
		subscribe: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
};
