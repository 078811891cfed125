import { setFlagsFromString } from 'node:v8';

/** What is begun in this time belongs to the start, ms. */
const startMs = 1000;
/** How long to keep the heap small after a flood or a start, ms. */
const quietMs = 10_000;
let small: NodeJS.Timeout | undefined;

/**
 * For a while V8 keeps its heap small: what holds the buffers of a flood, or was only for the start, is collected sooner, and with
 * it megabytes that V8 does not count. When little happens that is a fifth of the processor time for nothing.
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
 * Keeps V8's space for short-lived objects from growing to 128 MB, as it does while many connections are made or a log
 * streams: what is in it is rubbish within milliseconds, and it never gets smaller. Not at once, for while a program is being
 * loaded what is young mostly stays. When it is loaded, what that has left behind is collected.
 */
export const holdMemory = (): void => {
	setFlagsFromString('--semi-space-growth-factor=1');
	setTimeout(limitYoungGeneration, startMs).unref();
};
