import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ReactNode } from 'react';
import { type FullScreen, renderFullScreen } from '../../src/components/full-screen.tsx';
import { keyBytes } from './keys.ts';
import { createVirtualTerminal, type VirtualTerminal } from './virtual-terminal.ts';

export interface RenderedTerminal extends VirtualTerminal {
	readonly app: FullScreen;
	/** Sends keys, each as a piece of input of its own. Resolves when they have been handled. */
	press(...keys: string[]): Promise<void>;
	/** Sends bytes in one piece, as a slow line delivers them. */
	send(bytes: string): Promise<void>;
	/** Resolves when nothing is left to be written or drawn. */
	settle(): Promise<void>;
	/** True while the keyboard is in raw mode. */
	readonly rawMode: boolean;
	close(): Promise<void>;
}

export interface RenderTerminalOptions {
	readonly columns?: number;
	readonly rows?: number;
	/** `compositor` unless given; `ink` draws output panes with Ink. */
	readonly panes?: 'compositor' | 'ink';
	readonly screenReader?: boolean;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Renders an app with Ink, as the program does, into a terminal without a window (120×40 unless given). */
export const renderTerminal = async (
	element: ReactNode,
	options: RenderTerminalOptions = {},
): Promise<RenderedTerminal> => {
	const terminal = createVirtualTerminal(options.columns ?? 120, options.rows ?? 40, true);
	let rawMode = false;
	const input = Object.assign(new PassThrough(), {
		isTTY: true,
		setRawMode: (on: boolean) => {
			rawMode = on;
		},
		ref: () => {},
		unref: () => {},
	});
	const output = Object.defineProperties(new EventEmitter(), {
		isTTY: { value: true },
		writable: { value: true },
		columns: { get: () => terminal.columns },
		rows: { get: () => terminal.rows },
		write: {
			value: (data: string, done?: () => void) => {
				terminal.write(data);
				if (done) {
					void terminal.drawn().then(() => done());
				}
				return true;
			},
		},
	}) as unknown as Parameters<typeof renderFullScreen>[1]['output'] & EventEmitter;

	const app = renderFullScreen(element, {
		output,
		input: input as unknown as NodeJS.ReadStream,
		painter: options.panes !== 'ink',
		patchConsole: false,
		screenReader: options.screenReader,
	});
	const settle = async () => {
		for (let left = 0; left < 4; left++) {
			await turn();
		}
		await app.ink.waitUntilRenderFlush();
		await turn();
		await turn();
		await terminal.drawn();
	};
	const send = async (bytes: string) => {
		// An escape alone is handled 20 ms later, when Ink knows that nothing follows it.
		const handled = once(input, 'readable');
		input.write(bytes);
		await handled;
		if (bytes.endsWith('\u001b')) {
			await new Promise((resolve) => setTimeout(resolve, 25));
		}
		for (let left = 0; left <= bytes.length; left++) {
			await turn();
		}
		await settle();
	};
	await settle();
	return Object.create(
		{
			...terminal,
			app,
			press: async (...keys: string[]) => {
				for (const key of keys) {
					await send(keyBytes(key));
				}
			},
			send,
			settle,
			close: async () => {
				await app.close();
				await terminal.drawn();
				terminal.dispose();
			},
		},
		{
			columns: { get: () => terminal.columns },
			rows: { get: () => terminal.rows },
			cursor: { get: () => terminal.cursor },
			raw: { get: () => terminal.raw },
			rawMode: { get: () => rawMode },
			resize: {
				value: (columns: number, rows: number) => {
					terminal.resize(columns, rows);
					output.emit('resize');
				},
			},
		},
	) as RenderedTerminal;
};
