/** Keeps the bytes of a stream that have no room in memory, in their order, from the first one on. */
export interface Spill {
	/** Adds bytes at the end; they are not changed afterwards. */
	append(bytes: Uint8Array): void;
	/**
	 * So many bytes from an offset; undefined when they cannot be had.
	 *
	 * @param into where to put them, when there is room for them
	 */
	read(from: number, length: number, into?: Uint8Array): Uint8Array | undefined;
	/** It keeps nothing any more: a disk that is full, an output that is larger than what it may take. */
	readonly failed: boolean;
	/** Lets go of all of it. */
	close(): void;
}
