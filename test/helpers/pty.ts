import type { ReadStream } from 'node:tty';
import { type IPty, spawn } from '@lydell/node-pty';
import { keyBytes } from './keys.ts';
import { createVirtualTerminal, type VirtualTerminal } from './virtual-terminal.ts';

export interface PtyOptions {
	readonly columns?: number;
	readonly rows?: number;
	readonly cwd?: string;
	/** Added to this process's environment; undefined takes a variable out. */
	readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A program in a real pseudo-terminal, with a virtual terminal that shows what it writes. */
export interface Pty extends Omit<VirtualTerminal, 'write' | 'dispose'> {
	readonly pid: number;
	/** Sends bytes as typed. */
	send(bytes: string): void;
	/** Sends keys by name (`enter`, `ctrl-d`, `j`). */
	press(...keys: string[]): void;
	kill(signal: string): void;
	/** Stops reading what the program writes, and goes on. */
	pause(): void;
	resume(): void;
	/** Closes the terminal, as when its window is closed. */
	hangUp(): void;
	/** Resolves when the program has ended and all it wrote has been drawn. */
	readonly exited: Promise<{ readonly code: number; readonly signal: number }>;
	/** Kills the program if it still runs, and lets go of everything. */
	close(): Promise<void>;
}

/** Long enough for a busy machine to read what is still in the kernel's buffer, ms. */
const lastWordsMs = 10_000;

/**
 * node-pty stops reading 200 ms after the program's end. A busy machine has not always read all by then, and the end of what was
 * written would be lost. Here reading ends at the end of what was written, or when the test hangs up.
 *
 * @returns hangs up: closes the master side, upon which the kernel ends the session (pty(7))
 */
const readToTheEnd = (child: IPty): (() => void) => {
	const { _socket: socket } = child as unknown as { _socket: ReadStream };
	const destroy = socket.destroy.bind(socket);
	let isHangingUp = false;
	socket.destroy = (error) => {
		if (error !== undefined || socket.readableEnded || isHangingUp) {
			return destroy(error);
		}
		// A process that the program has left behind may keep the terminal open.
		setTimeout(destroy, lastWordsMs).unref();
		return socket;
	};
	return () => {
		isHangingUp = true;
		(child as unknown as { destroy(): void }).destroy();
	};
};

/**
 * Starts a program in a pty. TERM is xterm-256color, and CI is taken out of the environment, since programs that see
 * it do not draw.
 */
export const startInPty = (file: string, args: readonly string[], options: PtyOptions = {}): Pty => {
	const terminal = createVirtualTerminal(options.columns ?? 120, options.rows ?? 40);
	// These variables describe a terminal's abilities: that of the person who runs the tests does not matter.
	const own = { TERM_PROGRAM: undefined, VTE_VERSION: undefined, KONSOLE_VERSION: undefined, TMUX: undefined };
	const env = { ...process.env, ...own, CI: undefined, NO_COLOR: undefined, TERM: 'xterm-256color', ...options.env };
	const child = spawn(file, [...args], {
		cols: terminal.columns,
		rows: terminal.rows,
		cwd: options.cwd,
		// A variable that is undefined would reach the program as the word `undefined`.
		env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
		encoding: null,
	});
	const hangUp = readToTheEnd(child);
	let running = true;
	child.onData((data) => terminal.write(data));
	const exited = new Promise<{ code: number; signal: number }>((resolve) => {
		child.onExit(({ exitCode, signal }) => {
			running = false;
			void terminal.drawn().then(() => resolve({ code: exitCode, signal: signal ?? 0 }));
		});
	});
	const send = (bytes: string) => child.write(bytes);
	return Object.create(
		{
			...terminal,
			pid: child.pid,
			send,
			press: (...keys: string[]) => keys.map((key) => send(keyBytes(key))),
			kill: (signal: string) => child.kill(signal),
			pause: () => child.pause(),
			resume: () => child.resume(),
			hangUp,
			exited,
			close: async () => {
				if (running) {
					child.kill('SIGKILL');
				}
				await exited;
				terminal.dispose();
			},
		},
		{
			columns: { get: () => terminal.columns },
			rows: { get: () => terminal.rows },
			cursor: { get: () => terminal.cursor },
			raw: { get: () => terminal.raw },
			resize: {
				value: (columns: number, rows: number) => {
					terminal.resize(columns, rows);
					child.resize(columns, rows);
				},
			},
		},
	) as Pty;
};
