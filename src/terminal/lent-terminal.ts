import type { Readable, Writable } from 'node:stream';

/** The size of a terminal, in cells. */
export interface TerminalSize {
	readonly columns: number;
	readonly rows: number;
}

/** A terminal of this machine that a command has to itself for a while. */
export interface LentTerminal {
	/** `process.stdin`, or another terminal that can be read. Nobody else reads it meanwhile. */
	readonly input: Readable & { readonly fd: number; setRawMode(on: boolean): unknown };
	/** `process.stdout`, or another terminal that can be written to. */
	readonly output: Writable & { readonly fd: number };
	/** The kind of terminal, as TERM names it. */
	readonly kind: string;
	size(): TerminalSize;
	/** Calls the listener when the size has changed; returns a function that ends this. */
	onResize(listener: () => void): () => void;
}

/** The terminal of this process. */
export const ownTerminal = (): LentTerminal => {
	const { stdin, stdout, env } = process;
	return {
		input: stdin,
		output: stdout,
		kind: env.TERM ?? 'xterm',
		size: () => ({ columns: stdout.columns ?? 80, rows: stdout.rows ?? 24 }),
		onResize: (listener) => {
			stdout.on('resize', listener);
			return () => stdout.off('resize', listener);
		},
	};
};
