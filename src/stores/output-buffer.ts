import type { Readable } from './store.ts';

/** Lines of output that can be looked at. */
export interface OutputLines {
	/** The number after that of the newest line. */
	readonly lineCount: number;
	/** The number of the oldest line that can be looked at; the ones before it were dropped. */
	readonly firstLine: number;
	/** The oldest line that is in memory. Those between `firstLine` and it are read from where they were spilled to. */
	readonly memoryFrom: number;
	/** Grows with everything that comes. */
	readonly byteCount: number;
	/** The raw bytes of a line without its LF; undefined when it was dropped. Valid until the next append. */
	line(number: number): Uint8Array | undefined;
	/** For a line before `memoryFrom`, the lines around it that are read together. Valid until the next page is asked for. */
	page(number: number): Page | undefined;
	/** When the first byte of a line arrived here, in milliseconds since the epoch; undefined when not in memory. */
	time?(number: number): number | undefined;
	/**
	 * Changes at most 30 times a second; the value is `lineCount`. Listeners are also told when only the partial
	 * last line has grown, which leaves the value as it was.
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
 * The output of one stream, kept in memory outside React: a ring of bytes with the offsets of its lines.
 * Lines are numbered from 0 for the whole stream, also those that have left the ring.
 */
export interface OutputBuffer extends OutputLines {
	/** Takes bytes as they came; splits lines at LF; the last line may be partial. */
	append(bytes: Uint8Array): void;
	/** Lets go of what was spilled. */
	close(): void;
}
