import type { LinkState } from '../../runbook/link.ts';

/** Stores a link's state. Listeners are called after it has changed. */
export interface LinkStore {
	get(): LinkState;
	subscribe(listener: () => void): () => void;
	/** Replaces the state; `since` is kept when the status is the same. */
	set(state: Omit<LinkState, 'since'>): void;
}

/** Creates a link store with this status. */
export const createLinkStore = (status: LinkState['status']): LinkStore => {
	let state: LinkState = { status, since: Date.now() };
	const listeners = new Set<() => void>();
	return {
		get: () => state,
		subscribe: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		set: (next) => {
			state = { ...next, since: next.status === state.status ? state.since : Date.now() };
			for (const listener of [...listeners]) {
				listener();
			}
		},
	};
};
