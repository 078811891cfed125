import { spawn } from '@lydell/node-pty';
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
			// Closes the master side, upon which the kernel hangs up the session (pty(7)).
			hangUp: () => (child as unknown as { destroy(): void }).destroy(),
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
