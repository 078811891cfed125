import { App } from '../../src/app.tsx';
import { createStore } from '../../src/stores/store.ts';
import { type RenderedTerminal, renderTerminal } from '../helpers/terminal.ts';
import { createFakeWorkspace, type FakeOptions, night } from './fake-workspace.ts';

export interface OpenedApp {
	readonly terminal: RenderedTerminal;
	readonly fake: ReturnType<typeof createFakeWorkspace>;
	/** The clock of the screen; set it to let time pass. */
	readonly clock: ReturnType<typeof createStore<number>>;
	/** Exit codes the app has asked for. */
	readonly exits: number[];
	/** The whole screen as one text. */
	text(): string;
	/** Past the time in which a question that has just been asked takes no answer. */
	arm(): Promise<void>;
}

/** Opens the app over made-up readings in a terminal without a window. */
export const openApp = async (
	options: FakeOptions & { readonly columns?: number; readonly rows?: number; readonly colour?: boolean } = {},
): Promise<OpenedApp> => {
	const fake = createFakeWorkspace(options);
	const clock = createStore(options.now ?? night);
	const exits: number[] = [];
	const terminal = await renderTerminal(
		<App
			targets={[
				{ name: 'production', host: 'root@94.130.228.55', badge: 'production', readOnly: false },
				{ name: 'staging', host: 'deploy@10.0.0.7', readOnly: true },
			]}
			initial={fake.workspace}
			openTarget={(name) =>
				createFakeWorkspace({ target: { name, host: 'deploy@10.0.0.7', badge: undefined, readOnly: true } }).workspace
			}
			onExit={(code) => exits.push(code)}
			colour={options.colour ?? true}
			clock={clock}
		/>,
		{ columns: options.columns ?? 120, rows: options.rows ?? 40 },
	);
	return {
		terminal,
		fake,
		clock,
		exits,
		text: () => terminal.screen().join('\n'),
		// The keymap measures real time; a confirmation is armed 250 ms after it opened.
		arm: () => new Promise((resolve) => setTimeout(resolve, 300)),
	};
};
