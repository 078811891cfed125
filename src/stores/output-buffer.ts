import type { Readable } from './store.ts';

/**
 * The output of one stream, kept in memory outside React: a ring of bytes with the offsets of its lines.
 * Lines are numbered from 0 for the whole stream, also those that have left the ring.
 */
export interface OutputBuffer {
	/** Takes bytes as they came; splits lines at LF; the last line may be partial. */
	append(bytes: Uint8Array): void;
	/** Number of lines seen so far, the partial last one included. */
	readonly lineCount: number;
	/** The number of the oldest line still in memory; the ones before it were dropped from memory. */
	readonly firstLine: number;
	/** Bytes seen so far. */
	readonly byteCount: number;
	/** The raw bytes of a line without its LF; undefined when it is not in memory. Valid until the next append. */
	line(number: number): Uint8Array | undefined;
	/** When the first byte of a line arrived here, in milliseconds since the epoch; undefined when not in memory. */
	time?(number: number): number | undefined;
	/**
	 * Changes at most 30 times a second; the value is `lineCount`. Listeners are also told when only the partial
	 * last line has grown, which leaves the value as it was.
	 */
	readonly changed: Readable<number>;
}
