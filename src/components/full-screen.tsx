import { type Instance, render } from 'ink';
import type { ReactNode } from 'react';
import { type Compositor, createCompositor } from '../terminal/compositor.ts';
import { withoutMouse } from '../terminal/mouse.ts';
import type { TerminalOutput } from '../terminal/terminal-output.ts';
import { KeymapProvider } from './keymap/keymap-provider.tsx';
import { createMouse } from './mouse/mouse.ts';
import { MouseProvider } from './mouse/use-mouse.ts';
import { PainterContext } from './painter-context.ts';

export interface FullScreenOptions {
	/** The terminal; `process.stdout`. */
	readonly output: TerminalOutput;
	/** The keyboard; `process.stdin`. */
	readonly input: NodeJS.ReadStream;
	/** False lets Ink draw the output panes itself; always so with a screen reader (INK_SCREEN_READER). */
	readonly painter?: boolean;
	readonly screenReader?: boolean;
	readonly patchConsole?: boolean;
}

export interface FullScreen {
	readonly ink: Instance;
	readonly compositor: Compositor;
	/** Leaves the alternate screen and resolves when everything is written. */
	close(): Promise<void>;
}

/**
 * Renders an app over the whole terminal, with the keymap and the painter of output panes around it.
 *
 * `maxFps` is far above what is wanted, since it would delay the response to a key as well; stores are throttled instead. `interactive` is
 * set because Ink takes a `CI` in the environment for a pipe.
 */
export const renderFullScreen = (app: ReactNode, options: FullScreenOptions): FullScreen => {
	const compositor = createCompositor(options.output);
	const painter = options.painter !== false && !options.screenReader ? compositor : undefined;
	const mouse = createMouse((on) => compositor.setMouse(on));
	const ink = render(
		<PainterContext value={painter}>
			<MouseProvider value={mouse}>
				<KeymapProvider>{app}</KeymapProvider>
			</MouseProvider>
		</PainterContext>,
		{
			stdout: compositor.stdout,
			stdin: withoutMouse(options.input, mouse.handle),
			alternateScreen: true,
			incrementalRendering: true,
			maxFps: 250,
			exitOnCtrlC: false,
			patchConsole: options.patchConsole ?? true,
			interactive: Boolean(options.output.isTTY),
			isScreenReaderEnabled: options.screenReader,
		},
	);
	compositor.onCleared(() => ink.clear());
	return {
		ink,
		compositor,
		close: async () => {
			ink.unmount();
			// Errors while drawing are for the caller who waits for the end.
			await ink.waitUntilExit().catch(() => {});
			compositor.close();
		},
	};
};
