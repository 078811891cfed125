import type { Duplex } from 'node:stream';
import { limitYoungGeneration } from '../host/gc-hints.ts';

/** Length of a read slice, ms. */
const sliceMs = 8;

/**
 * Reads a flood a piece at a time. Node would go on reading while there is something, for up to two megabytes in one turn of
 * the event loop, and a key that was pressed meanwhile would wait for all of it to be deciphered and taken in.
 */
export const sliceReads = (stream: Duplex): void => {
	/** When this turn of the event loop began to read. */
	let began: number | undefined;
	stream.on('data', () => {
		const now = performance.now();
		if (began === undefined) {
			began = now;
			setImmediate(() => {
				began = undefined;
				stream.resume();
			});
		} else if (now - began > sliceMs) {
			stream.pause();
			limitYoungGeneration();
		}
	});
};
