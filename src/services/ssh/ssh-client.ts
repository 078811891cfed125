import type { Duplex, Readable } from 'node:stream';

/**
 * A channel of a connection. Emits `exit` with the exit code, or with null and the name of a signal; and `close` once it is closed and was
 * read to its end, standard error included.
 */
export interface SshChannel extends Duplex {
	readonly stderr: Readable;
	/** Sends a signal to the command: `HUP`. */
	signal(name: string): void;
	/** Tells the command the new size of its terminal, in cells and in pixels, which may be 0. */
	setWindow(rows: number, columns: number, height: number, width: number): void;
	close(): void;
}

/** The terminal that a command gets (RFC 4254, 6.2). */
export interface PtyOptions {
	readonly term: string;
	readonly rows: number;
	readonly cols: number;
}

/** Receives the channel, or the error: with the `reason` of RFC 4254, 5.1, if the server refused the channel. */
export type ChannelCallback = (error: Error | undefined, channel: SshChannel) => void;

/** The functions of a connection that are used here, whichever program made it. The names are ssh2's, which is one of these programs. */
export interface SshClient {
	/** Runs a command. Fails with `Unable to exec` if the request was sent and not granted. */
	exec(command: string, callback: ChannelCallback): unknown;
	/** Runs a command with a terminal. Fails with `Unable to request a pseudo-terminal` if the server gives none. */
	exec(command: string, options: { readonly pty: PtyOptions }, callback: ChannelCallback): unknown;
	forwardOut(fromHost: string, fromPort: number, toHost: string, toPort: number, callback: ChannelCallback): unknown;
	openssh_forwardOutStreamLocal(path: string, callback: ChannelCallback): unknown;
	end(): unknown;
	on(event: 'close', listener: () => void): unknown;
	on(event: 'error', listener: (error: Error) => void): unknown;
}
