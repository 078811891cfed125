import type { Agent } from 'node:http';
import type { Readable as ByteStream, Writable } from 'node:stream';
import type { LinkState } from '../../runbook/link.ts';
import type { LentTerminal } from '../../terminal/lent-terminal.ts';
import type { ProgramPlaces } from './programs.ts';

/** The end of a command. `code` is undefined if the link was lost: the outcome is unknown. */
export interface ExecEnd {
	readonly code: number | undefined;
	readonly signal?: string;
	/** True if the connection was lost before the end of the command was reported. */
	readonly lost: boolean;
}

export interface ExecResult extends ExecEnd {
	readonly stdout: Buffer;
	readonly stderr: Buffer;
	/** True when output beyond `maxBytes` was dropped. */
	readonly truncated: boolean;
}

/** Default time limit of a command, ms. */
export const defaultTimeoutMs = 15_000;

export interface ExecOptions {
	readonly signal?: AbortSignal;
	/** Written to the command's standard input, which is then closed. */
	readonly input?: string | Uint8Array;
	/** Time after which the command is given up with a BackoutError, and hung up on the host, ms. Default `defaultTimeoutMs`. */
	readonly timeoutMs?: number;
	/** Maximum size of each output, bytes. Default 4 MiB; the rest is read and dropped. */
	readonly maxBytes?: number;
}

/**
 * A running command whose outputs are read as they arrive. Both must be read: `end` resolves when standard output was read to its end (or
 * after `close`), and a command whose output is not read stops.
 */
export interface HostProcess {
	readonly stdin: Writable;
	readonly stdout: ByteStream;
	readonly stderr: ByteStream;
	readonly end: Promise<ExecEnd>;
	/**
	 * Closes the channel and hangs up (HUP) everything that the command runs, if the host allows it; otherwise the command would keep its
	 * session until it ends by itself. A run is not ended by this: it is in a session of its own, and its supervisor ends it.
	 */
	close(): void;
}

export interface SpawnOptions {
	readonly signal?: AbortSignal;
	/** True: the command is not hung up when its channel is closed, and completes its work. */
	readonly goesOn?: boolean;
	/** True: the command soon ends by itself, so it may use the session that is reserved for short commands. */
	readonly short?: boolean;
	/**
	 * Returns the start of its current use, ms by `performance.now()`, or undefined while it is kept for a later use: then it is closed if
	 * others wait for its session. Default: it is used from its beginning.
	 */
	readonly busySince?: () => number | undefined;
}

export interface SocketOptions {
	/**
	 * True: if the SSH server forwards no sockets, a program on the host connects to it, and each connection takes a session. Default
	 * false.
	 */
	readonly relayed?: boolean;
}

/**
 * The one connection to a target, over which everything is multiplexed. Calls that are made while it is down wait for it until their
 * timeout. They reject at once, with code `untrusted` or `unreachable`, if it was refused for good.
 *
 * `command` is always a constant of this program; values travel on standard input (see services/host/run-script.ts).
 */
export interface Host {
	/** Name for the operator: user@host:port, or `local`. */
	readonly name: string;
	/** True: nothing may be changed through this connection, and functions that change something refuse (read-only.ts). */
	readonly readOnly?: boolean;
	/** Locations of its programs, as far as the config names them. */
	readonly programs?: ProgramPlaces;
	/** The link's state, now and whenever it changes. */
	readonly link: { get(): LinkState; subscribe(listener: () => void): () => void };
	/** Resolves when the link is up; waits while it is down. Rejects with the reason if it was refused or closed, and on abort. */
	ready(signal?: AbortSignal): Promise<void>;
	exec(command: string, options?: ExecOptions): Promise<ExecResult>;
	/**
	 * Starts a command; its channel is closed when the signal is aborted. At most five sessions are used, four of them by this; more
	 * commands wait.
	 */
	spawn(command: string, options?: SpawnOptions): Promise<HostProcess>;
	/**
	 * Connects to TCP ports as the host itself does, with a program there if its SSH server forwards none. Connections are kept alive. For
	 * node:http, and got's `agent`.
	 */
	readonly tcpAgent: Agent;
	/** Connects to a Unix socket on the host, such as Docker's. There is one agent for each path and options, made once and reused. */
	socketAgent(path: string, options?: SocketOptions): Agent;
	/** The program on the host that connected to a port because the SSH server forwards none; undefined if none was needed. */
	readonly relay?: string | undefined;
	/** Returns an agent whose connections are the standard input and output of a command on the host (`docker system dial-stdio`). */
	commandAgent(command: string): Agent;
	/**
	 * Lends a terminal to a command on the host, such as a shell, byte for byte, until the command ends. Afterwards nobody reads the
	 * terminal's input, and it is not raw. Rejects if the command could not be started, with code `unreachable` if the server gives no
	 * terminal.
	 */
	runInTerminal(command: string, terminal: LentTerminal, signal?: AbortSignal): Promise<ExecEnd>;
	/**
	 * Keeps the host that is asked now, of several, the one that is asked, even while it is lost, until the returned function is called. A run lives on the
	 * host on which it was started.
	 */
	stay?(): () => void;
	/** Says of the host that is asked now, of several, that it cannot answer for the deployment any more: the others are asked. */
	passOn?(reason: string): void;
	/** Tries again at once, instead of waiting for the next attempt. */
	reconnect(): void;
	close(): Promise<void>;
}
