import type { Agent } from 'node:http';
import type { Readable as ByteStream, Writable } from 'node:stream';
import type { LinkState } from '../../runbook/link.ts';
import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import type { ProgramPlaces } from './programs.ts';

/** How a command ended. `code` is undefined when the link was lost: the outcome is unknown. */
export interface ExecEnd {
	readonly code: number | undefined;
	readonly signal?: string;
	/** True when the connection was lost before the command said how it ended. */
	readonly lost: boolean;
}

export interface ExecResult extends ExecEnd {
	readonly stdout: Buffer;
	readonly stderr: Buffer;
	/** True when output beyond `maxBytes` was dropped. */
	readonly truncated: boolean;
}

/** How long a command may take unless its caller says otherwise, ms. */
export const defaultTimeoutMs = 15_000;

export interface ExecOptions {
	readonly signal?: AbortSignal;
	/** Written to the command's standard input, which is then closed. */
	readonly input?: string | Uint8Array;
	/** Gives the command up with a BackoutError after this long; what is left of it is hung up. Default `defaultTimeoutMs`. */
	readonly timeoutMs?: number;
	/** Per stream. Default 4 MiB; the rest is read and dropped. */
	readonly maxBytes?: number;
}

/**
 * A running command whose streams are used as they come. Both outputs must be read: `end` resolves when standard output
 * was read to its end (or after `close`), and a command whose output nobody reads stands still.
 */
export interface HostProcess {
	readonly stdin: Writable;
	readonly stdout: ByteStream;
	readonly stderr: ByteStream;
	readonly end: Promise<ExecEnd>;
	/**
	 * Closes the channel and hangs up (HUP) what the command runs, where the host allows it: otherwise it would keep its session
	 * until it ends by itself. A run is in a session of its own, and is ended by its supervisor, not by this.
	 */
	close(): void;
}

export interface SpawnOptions {
	readonly signal?: AbortSignal;
	/** It is not hung up when its channel is closed: what it has begun it ends. */
	readonly goesOn?: boolean;
	/** It ends soon by itself: it may use the session that is kept for short commands. */
	readonly short?: boolean;
}

export interface SocketOptions {
	/** Where the SSH server forwards no sockets, a program on the host reaches it: each connection is a session then. Default false. */
	readonly relayed?: boolean;
}

/**
 * The one connection to a target. Everything is multiplexed over it. Calls made while it is down wait for it to come
 * back until their own time-out, and reject at once with code `untrusted`/`unreachable` when it was refused for good.
 *
 * `command` is always a constant of this program; what varies goes over stdin (see services/host/run-script.ts).
 */
export interface Host {
	/** Label for the operator: user@host:port, or `local`. */
	readonly name: string;
	/** Nothing may be changed through it: what would change something refuses (read-only.ts). */
	readonly readOnly?: boolean;
	/** Where its programs are, as far as the config says it. */
	readonly programs?: ProgramPlaces;
	/** The link's state, now and whenever it changes. */
	readonly link: { get(): LinkState; subscribe(listener: () => void): () => void };
	/** Resolves when the link is up; rejects with the reason when it was refused or closed, or on abort. Otherwise it waits on. */
	ready(signal?: AbortSignal): Promise<void>;
	exec(command: string, options?: ExecOptions): Promise<ExecResult>;
	/**
	 * Starts a command; its channel is closed when the signal is aborted. Five sessions are used at most, four of them by
	 * this: what is more waits.
	 */
	spawn(command: string, options?: SpawnOptions): Promise<HostProcess>;
	/**
	 * Reaches TCP ports as the host itself reaches them, by a program there where its SSH server forwards none. Kept alive; for http
	 * and got's `agent`.
	 */
	readonly tcpAgent: Agent;
	/** Reaches a Unix socket on the host, e.g. Docker's. One agent for a path and these options; made once and reused. */
	socketAgent(path: string, options?: SocketOptions): Agent;
	/** The program on the host that has connected to a port because the SSH server forwards none; undefined where none had to. */
	readonly relay?: string | undefined;
	/** An agent whose every connection is the standard input and output of a command on the host (`docker system dial-stdio`). */
	commandAgent(command: string): Agent;
	/**
	 * Runs a command with a terminal to itself, byte for byte, until it ends: a shell. The terminal's input is read by nobody when it
	 * returns, and is not raw. Rejects when the command could not be started; code `unreachable` where the server gives no terminal.
	 */
	runInTerminal(command: string, terminal: LentTerminal, signal?: AbortSignal): Promise<ExecEnd>;
	/** Tries again at once instead of waiting for the next attempt. */
	reconnect(): void;
	close(): Promise<void>;
}
