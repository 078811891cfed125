/** Keeps the bytes of a stream that have left the memory, in order, from the first one on. */
export interface Spill {
	/** Appends bytes; they do not change afterwards. */
	append(bytes: Uint8Array): void;
	/**
	 * Returns `length` bytes from an offset; undefined when they cannot be read.
	 *
	 * @param into a buffer for them, used when it is large enough
	 */
	read(from: number, length: number, into?: Uint8Array): Uint8Array | undefined;
	/** True when it no longer keeps anything: the disk is full, or the output exceeds its limit. */
	readonly failed: boolean;
	/** Deletes everything. */
	close(): void;
}
