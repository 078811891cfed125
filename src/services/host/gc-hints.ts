import { setFlagsFromString } from 'node:v8';

/** Length of the start, ms. */
const startMs = 1000;
/** Time for which the heap is kept small after a flood or a start, ms. */
const quietMs = 10_000;
let small: NodeJS.Timeout | undefined;

/**
 * Makes V8 keep its heap small for a while: the buffers of a flood, or objects needed only for the start, are collected sooner, and with
 * them megabytes that V8 does not count. While little happens, this would waste a fifth of the processor time.
 */
export const limitYoungGeneration = (): void => {
	if (small !== undefined) {
		small.refresh();
		return;
	}
	setFlagsFromString('--optimize-for-size');
	small = setTimeout(() => {
		small = undefined;
		setFlagsFromString('--no-optimize-for-size');
	}, quietMs).unref();
};

/**
 * Keeps V8's space for short-lived objects from growing to 128 MB, as it does while many connections are made or a log streams: its
 * contents are garbage within milliseconds, and it never shrinks. The limit is not set at once, as most young objects stay while a program
 * is being loaded. After loading, its garbage is collected.
 */
export const holdMemory = (): void => {
	setFlagsFromString('--semi-space-growth-factor=1');
	setTimeout(limitYoungGeneration, startMs).unref();
};
