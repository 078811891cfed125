import type { Duplex, Readable } from 'node:stream';

/**
 * A channel of a connection. Emits `exit` with the exit code, or null and the name of a signal, and `close` when it is closed
 * and was read to its end, standard error included.
 */
export interface SshChannel extends Duplex {
	readonly stderr: Readable;
	/** Sends a signal to what it runs: `HUP`. */
	signal(name: string): void;
	/** Says that the terminal has another size: cells, and pixels, which may be 0. */
	setWindow(rows: number, columns: number, height: number, width: number): void;
	close(): void;
}

/** The terminal that a command gets (RFC 4254, 6.2). */
export interface PtyOptions {
	readonly term: string;
	readonly rows: number;
	readonly cols: number;
}

/** Gives a channel, or why there is none: with the `reason` of RFC 4254, 5.1, when the server refused it. */
export type ChannelCallback = (error: Error | undefined, channel: SshChannel) => void;

/** What is needed of a connection, whichever program made it: the names are ssh2's, which is one of them. */
export interface SshClient {
	/** Runs a command. Fails with `Unable to exec` when it was asked for, and not granted. */
	exec(command: string, callback: ChannelCallback): unknown;
	/** The same with a terminal. Fails with `Unable to request a pseudo-terminal` when the server gives none. */
	exec(command: string, options: { readonly pty: PtyOptions }, callback: ChannelCallback): unknown;
	forwardOut(fromHost: string, fromPort: number, toHost: string, toPort: number, callback: ChannelCallback): unknown;
	openssh_forwardOutStreamLocal(path: string, callback: ChannelCallback): unknown;
	end(): unknown;
	on(event: 'close', listener: () => void): unknown;
	on(event: 'error', listener: (error: Error) => void): unknown;
}
