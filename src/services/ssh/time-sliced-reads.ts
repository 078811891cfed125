import type { Duplex } from 'node:stream';
import { limitYoungGeneration } from '../host/gc-hints.ts';

/** Length of a read slice, ms. */
const sliceMs = 8;

/**
 * Reads a flood piece by piece. Node would continue reading while data is available, for up to two megabytes in one turn of the event
 * loop, and a key press would wait for all of it to be decrypted and handled.
 */
export const sliceReads = (stream: Duplex): void => {
	/** The time at which this turn of the event loop began to read. */
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
