import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for short-lived objects from growing to 128 MB, as it does while many connections are made or a log
 * streams: what is in it is rubbish within milliseconds, and it never gets smaller. Not at once, for while a program is being
 * loaded what is young mostly stays.
 */
export const holdYoungGeneration = (): void => {
	setFlagsFromString('--semi-space-growth-factor=1');
};
