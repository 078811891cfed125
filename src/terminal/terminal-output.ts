import type { EventEmitter } from 'node:events';

/** What a terminal's output offers; `process.stdout` is one. */
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
 * A stream that Ink takes for a terminal's: it has the terminal's figures, and `write` gets what is written.
 *
 * @param events emits `resize` and `drain`
 */
export const asWriteStream = (
	terminal: TerminalOutput,
	events: EventEmitter,
	write: (chunk: unknown, encoding?: unknown, callback?: unknown) => boolean,
): NodeJS.WriteStream =>
	// What Ink and cli-cursor read of a stream. `Object.defineProperties` keeps the figures live.
	Object.defineProperties(events, {
		write: { value: write },
		isTTY: { get: () => terminal.isTTY },
		columns: { get: () => terminal.columns },
		rows: { get: () => terminal.rows },
		writable: { get: () => terminal.writable ?? true },
		writableEnded: { get: () => terminal.writableEnded ?? false },
		destroyed: { get: () => terminal.destroyed ?? false },
	}) as unknown as NodeJS.WriteStream;
