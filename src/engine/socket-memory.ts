/** Remembers where an engine's socket was last found on a host. */
export interface SocketMemory {
	/** An absolute path on the host; undefined when nothing is known. */
	path(): string | undefined;
	found(path: string): void;
}
