import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for short-lived objects from growing to 128 MB, as it does while many connections are made or a log
 * streams: what is in it is rubbish within milliseconds, and it never gets smaller. Not at once, for while a program is being
 * loaded what is young mostly stays.
 */
export const holdMemory = (): void => setFlagsFromString('--semi-space-growth-factor=1');

/** So long after a flood the next is expected, ms. */
const quietMs = 30_000;
let flood: NodeJS.Timeout | undefined;

/**
 * Much has come in: until it has been quiet for a while, V8 keeps its heap small. What holds the buffers is then collected sooner,
 * and with it megabytes that V8 does not count. When little happens that is a fifth of the processor time for nothing.
 */
export const noteFlood = (): void => {
	if (flood !== undefined) {
		flood.refresh();
		return;
	}
	setFlagsFromString('--optimize-for-size');
	flood = setTimeout(() => {
		flood = undefined;
		setFlagsFromString('--no-optimize-for-size');
	}, quietMs).unref();
};
