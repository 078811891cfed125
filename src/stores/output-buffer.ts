import type { Readable } from './store.ts';

/** Lines of output that can be read. */
export interface OutputLines {
	/** The number after the newest line's. */
	readonly lineCount: number;
	/** The number of the oldest line that can be read; earlier ones were dropped. */
	readonly firstLine: number;
	/** The oldest line in memory. Lines from `firstLine` to it are read from the spill file. */
	readonly memoryFrom: number;
	/** Bytes received so far. */
	readonly byteCount: number;
	/** The raw bytes of a line without its LF; undefined when it was dropped. Valid until the next append. */
	line(number: number): Uint8Array | undefined;
	/** For a line before `memoryFrom`, the lines around it that are read together. Valid until the next call. */
	page(number: number): Page | undefined;
	/** The arrival time of a line's first byte, ms since the epoch; undefined when not in memory. */
	time?(number: number): number | undefined;
	/**
	 * Changes at most 30 times a second; the value is `lineCount`. Listeners are also called when only the partial last line has grown, which
	 * leaves the value unchanged.
	 */
	readonly changed: Readable<number>;
}

/** Lines that are read together, with their line ends. */
export interface Page {
	readonly first: number;
	readonly count: number;
	readonly bytes: Uint8Array;
}

/**
 * The output of one stream, kept in memory outside React: a ring of bytes with the offsets of its lines. Lines are numbered from 0 for the
 * whole stream, including those that have left the ring.
 */
export interface OutputBuffer extends OutputLines {
	/** Adds bytes as they arrive; splits lines at LF; the last line may be partial. */
	append(bytes: Uint8Array): void;
	/** Deletes what was spilled. */
	close(): void;
}
