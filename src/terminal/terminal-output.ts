import type { EventEmitter } from 'node:events';

/** The parts of a terminal's output that are used; `process.stdout` has them. */
export interface TerminalOutput {
	readonly isTTY?: boolean;
	readonly columns?: number;
	readonly rows?: number;
	readonly writable?: boolean;
	readonly writableNeedDrain?: boolean;
	readonly writableEnded?: boolean;
	readonly destroyed?: boolean;
	write(data: string, done?: (error?: Error | null) => void): boolean;
	on(event: 'resize' | 'drain', listener: () => void): unknown;
	off(event: 'resize' | 'drain', listener: () => void): unknown;
}

/**
 * Returns a stream that Ink takes for a terminal's: it has the terminal's properties, and `write` receives what is written.
 *
 * @param events emits `resize` and `drain`
 */
export const asWriteStream = (
	terminal: TerminalOutput,
	events: EventEmitter,
	write: (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean,
): NodeJS.WriteStream =>
	// The properties that Ink and cli-cursor read. `Object.defineProperties` keeps them live.
	Object.defineProperties(events, {
		write: { value: write },
		isTTY: { get: () => terminal.isTTY },
		columns: { get: () => terminal.columns },
		rows: { get: () => terminal.rows },
		writable: { get: () => terminal.writable ?? true },
		writableEnded: { get: () => terminal.writableEnded ?? false },
		destroyed: { get: () => terminal.destroyed ?? false },
	}) as unknown as NodeJS.WriteStream;
