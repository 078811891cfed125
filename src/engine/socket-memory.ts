/** Where an engine's socket was on a host when it was last found. */
export interface SocketMemory {
	/** An absolute path on the host; undefined when nothing is known. */
	path(): string | undefined;
	found(path: string): void;
}
