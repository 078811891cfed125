import { App } from './app.tsx';
import { createFleet } from './application/fleet/fleet.ts';
import { type GlobalOptions, selectTarget } from './application/fleet/select-target.ts';
import { channelsOf } from './application/fleet/session.ts';
import { createNotify } from './application/runs/notify.ts';
import { renderFullScreen } from './components/full-screen.tsx';
import { BackoutError } from './runbook/errors.ts';
import type { ThemeName } from './runbook/preferences.ts';
import { farewell } from './screens/run/farewell.ts';
import { holdMemory } from './services/host/gc-hints.ts';
import type { Guide } from './stores/onboarding-hints.ts';
import type { FollowedRun } from './stores/workspace.ts';
import { inAscii, isAsciiOnly } from './terminal/ascii.ts';
import { restoreTerminal } from './terminal/restore.ts';

/** 128 + the signal's number, as a shell reports it. */
const signalCodes = { SIGTERM: 143, SIGHUP: 129, SIGINT: 130 } as const;

/** Time limit for leaving, ms: a verdict that was just reached is recorded on the host, even over a slow link. */
const lastWordsMs = 3000;

export interface DashboardOptions {
	/** Uses the last row of the screen. */
	readonly guide?: Guide;
	/** True: begins with the list of all targets. */
	readonly all?: boolean;
	/** Called with the theme of the config, for output after the screen has closed. */
	readonly onTheme?: (theme: ThemeName) => void;
	/** Called when the screen has closed, with the lines about the runs that were shown on it, and the files that were written. */
	readonly onLeft?: (lines: readonly string[]) => void;
	/** True when the host can be reached after the program has ended; default true. */
	readonly hostStays?: boolean;
	/** The reason why no container has a shell, for simulated ones. */
	readonly noShell?: string;
}

/**
 * The dashboard: builds the workspace of the selected target, draws the screen, and handles the signals. Returns the exit code when the
 * operator has left. Runs on the host keep running whatever happens here. With a guide, it has the last row.
 */
export const dashboard = async (
	globals: GlobalOptions,
	{ guide, all = false, onTheme, onLeft, hostStays = true, noShell }: DashboardOptions = {},
): Promise<number> => {
	const { config, target } = await selectTarget(globals);
	onTheme?.(globals.theme ?? config.theme ?? 'dark');
	if (process.stdout.isTTY !== true || process.stdin.isTTY !== true) {
		throw new BackoutError('usage', 'the dashboard needs a terminal', {
			next: '`backout status` prints the same once; `backout status --watch --json` prints every change',
		});
	}
	const screenReader = globals.screenReader ?? config.screenReader ?? process.env.INK_SCREEN_READER === 'true';
	if (process.env.TERM === 'dumb' && !screenReader) {
		throw new BackoutError('usage', 'this terminal (TERM=dumb) cannot show the dashboard', {
			next: '`backout status` prints the same as text; --screen-reader shows the dashboard as lines',
		});
	}
	const notify = createNotify(config.notify, {
		terminal: process.stdout,
		env: process.env,
		platform: process.platform,
	});
	const saved: string[] = [];
	const fleet = createFleet(config.targets, {
		readOnly: globals.readOnly ?? false,
		notify,
		noShell,
		onSaved: (file) => saved.push(file),
		channels: channelsOf(config),
	});

	let leave: (code: number) => void = () => {};
	const left = new Promise<number>((resolve) => {
		leave = resolve;
	});
	const onSignal = (signal: keyof typeof signalCodes) => leave(signalCodes[signal]);
	for (const signal of Object.keys(signalCodes) as (keyof typeof signalCodes)[]) {
		process.on(signal, onSignal);
	}
	// Whatever happens, the terminal is left as it was found.
	let onAlternateScreen = true;
	process.on('exit', () => restoreTerminal(process.stdout, process.stdin, onAlternateScreen));
	const shownRuns = new Map<string, FollowedRun>();
	let crash: unknown;
	const onCrash = (error: unknown) => {
		crash ??= error;
		leave(1);
	};
	process.on('uncaughtException', onCrash);
	process.on('unhandledRejection', onCrash);

	const screen = renderFullScreen(
		<App
			fleet={fleet}
			initial={all ? { kind: 'targets' } : { kind: 'target', name: target.name }}
			onExit={leave}
			onRun={(run) => shownRuns.set(run.id, run)}
			guide={guide}
			theme={globals.theme ?? config.theme}
		/>,
		{ output: isAsciiOnly(process.env) ? inAscii(process.stdout) : process.stdout, input: process.stdin, screenReader },
	);
	holdMemory();
	// An error while a screen is drawn ends it: Ink has unmounted then, and handles no key any more.
	const drawn = screen.ink.waitUntilExit().then(
		() => left,
		(error: unknown) => {
			onCrash(error);
			return left;
		},
	);
	const code = await Promise.race([left, drawn]);
	const said = [...shownRuns.values()].flatMap(({ run, following, verification }) =>
		farewell({ run: run.get(), following: following.get(), verification: verification.get() }, Date.now(), hostStays),
	);
	const closed = screen.close().then(() => {
		onAlternateScreen = false;
	});
	await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, lastWordsMs).unref())]);
	onLeft?.([...said, ...saved.map((file) => `Wrote ${file}`)]);
	await Promise.race([fleet.close(), new Promise((resolve) => setTimeout(resolve, lastWordsMs).unref())]);
	// Something may still keep the process alive, a terminal that is gone or a host that hangs: do not wait for it.
	setTimeout(() => process.exit(code), lastWordsMs).unref();
	if (crash !== undefined) {
		throw crash;
	}
	return code;
};
