import type { Host } from '../host/host.ts';
import { afterDrawing } from '../host/sleep.ts';

const lasts = new WeakMap<Host, Promise<void>>();

/**
 * Resolves when those who asked before have had their turn, and what has come meanwhile has been taken in. Looks at a host that
 * begin at the same moment are begun one after the other: the answer to the first, and a key, need not wait until all have been
 * asked for.
 */
export const waitForTurn = (host: Host): Promise<void> => {
	const before = lasts.get(host) ?? Promise.resolve();
	lasts.set(host, before.then(afterDrawing));
	return before;
};
