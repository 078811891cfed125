import type { Host } from '../host/host.ts';
import { afterDrawing } from '../host/sleep.ts';

const lasts = new WeakMap<Host, Promise<void>>();

/**
 * Resolves when earlier callers have had their turn, and their responses so far have been handled. Polls of a host that fall on the same
 * moment start one after the other, so that the first response, and a key press, need not wait until all have been requested.
 */
export const waitForTurn = (host: Host): Promise<void> => {
	const before = lasts.get(host) ?? Promise.resolve();
	lasts.set(host, before.then(afterDrawing));
	return before;
};
