import { onTestFinished } from 'vitest';
import { App, type Shown } from '../../src/app.tsx';
import type { Depth } from '../../src/components/theme.ts';
import type { ThemeName } from '../../src/runbook/preferences.ts';
import type { Guide } from '../../src/stores/onboarding-hints.ts';
import { createStore } from '../../src/stores/store.ts';
import { type RenderedTerminal, renderTerminal } from '../helpers/terminal.ts';
import { createFakeFleet, type FakeFleet } from './fake-fleet.ts';
import { createFakeWorkspace, type FakeOptions } from './fake-workspace.ts';
import { night } from './made-up.ts';

export interface OpenOptions {
	/** The first screen; default: the dashboard of the fake workspace. */
	readonly shown?: Shown;
	/** The targets beside it; one called staging unless given. */
	readonly others?: readonly ReturnType<typeof createFakeWorkspace>[];
	/** The row under every screen, as in the demo. */
	readonly guide?: Guide;
}

export interface OpenedApp {
	readonly terminal: RenderedTerminal;
	readonly fake: ReturnType<typeof createFakeWorkspace>;
	readonly fleet: FakeFleet;
	/** The clock of the screen; set it to let time pass. */
	readonly clock: ReturnType<typeof createStore<number>>;
	/** Exit codes the app has asked for. */
	readonly exits: number[];
	/** The whole screen as one text. */
	text(): string;
	/** The last row, with the keys. */
	keyRow(): string;
	/** Past the time in which a question that has just been asked takes no answer. */
	arm(): Promise<void>;
}

/** Opens the app over made-up readings in a terminal without a window. It is closed when the test ends. */
export const openApp = async (
	options: FakeOptions &
		OpenOptions & {
			readonly columns?: number;
			readonly rows?: number;
			readonly theme?: ThemeName;
			readonly depth?: Depth;
			readonly links?: boolean;
			readonly screenReader?: boolean;
		} = {},
): Promise<OpenedApp> => {
	const fake = createFakeWorkspace(options);
	const clock = createStore(options.now ?? night);
	const exits: number[] = [];
	const others = options.others ?? [
		createFakeWorkspace({ target: { name: 'staging', host: 'deploy@10.0.0.7', badge: undefined, readOnly: true } }),
	];
	const fleet = createFakeFleet([fake, ...others]);
	const terminal = await renderTerminal(
		<App
			fleet={fleet}
			initial={options.shown ?? { kind: 'target', name: fake.workspace.target.name }}
			onExit={(code) => exits.push(code)}
			theme={options.theme}
			depth={options.depth ?? 'sixteen'}
			links={options.links ?? false}
			clock={clock}
			{...(options.guide && { guide: options.guide })}
		/>,
		{ columns: options.columns ?? 120, rows: options.rows ?? 40, screenReader: options.screenReader },
	);
	onTestFinished(() => terminal.close());
	return {
		terminal,
		fake,
		fleet,
		clock,
		exits,
		text: () => terminal.screen().join('\n'),
		keyRow: () => terminal.screen().at(-1) ?? '',
		// The keymap measures real time; a confirmation is armed 250 ms after it opened.
		arm: () => new Promise((resolve) => setTimeout(resolve, 300)),
	};
};
