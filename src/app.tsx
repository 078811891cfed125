import { useIsScreenReaderEnabled } from 'ink';
import { useEffect, useState } from 'react';
import { startClock } from './components/clock.ts';
import { type Depth, depthOf } from './components/theme.ts';
import { ThemeProvider } from './components/theme-context.tsx';
import { ClockProvider } from './components/use-readable.ts';
import type { ThemeName } from './runbook/preferences.ts';
import { type FleetPlace, FleetShell } from './screens/fleet-shell.tsx';
import { Shell } from './screens/shell.tsx';
import { createTargetCache, type TargetCache } from './screens/target-cache.ts';
import type { Fleet } from './stores/fleet.ts';
import type { Guide } from './stores/onboarding-hints.ts';
import type { Readable } from './stores/store.ts';
import type { FollowedRun } from './stores/workspace.ts';
import { opensLinks } from './terminal/osc.ts';

/** The screens that are shown: one target, all of them, or two side by side. */
export type Shown = { readonly kind: 'target'; readonly name: string } | FleetPlace;

export interface AppProps {
	readonly fleet: Fleet;
	/** The first screen. */
	readonly initial: Shown;
	/** Called once, when the operator leaves. The caller unmounts. */
	readonly onExit: (code: number) => void;
	/** Called with each run that is shown. */
	readonly onRun?: (run: FollowedRun) => void;
	/** Suggests in a row of its own what to try next. */
	readonly guide?: Guide;
	/** The first theme; default: dark. */
	readonly theme?: ThemeName;
	/** The number of colours; by default the environment decides. */
	readonly depth?: Depth;
	/** True when the terminal opens links; by default the environment decides. */
	readonly links?: boolean;
	/** The clock of the screen, ms since the epoch; default: one of its own. */
	readonly clock?: Readable<number>;
}

/** Interval at which a screen reader hears of progress, ms. */
const spokenMs = 10_000;

const stopped: Readable<number> = { get: () => Date.now(), subscribe: () => () => {} };

/** Returns the targets that are polled at the full rate. */
const attended = (shown: Shown): readonly string[] =>
	shown.kind === 'target' ? [shown.name] : shown.kind === 'compare' ? shown.pair : [];

/** The whole screen: a target's screens, or those of several. A target keeps its state while another is shown. */
export const App = ({ fleet, initial, onExit, onRun, guide, theme = 'dark', depth, links, clock }: AppProps) => {
	const [kept] = useState(() => new Map<string, TargetCache>());
	const [shown, setShown] = useState(() => {
		fleet.attend(attended(initial));
		return initial;
	});
	const spoken = useIsScreenReaderEnabled();
	const [own] = useState(() => (clock === undefined ? startClock(spoken ? spokenMs : 1000) : undefined));
	useEffect(() => own?.stop, [own]);
	useEffect(
		() => () => {
			for (const { model } of kept.values()) {
				model.close();
			}
		},
		[kept],
	);
	const show = (next: Shown) => {
		fleet.attend(attended(next));
		setShown(next);
	};
	const keptOf = (name: string): TargetCache => {
		const target = kept.get(name) ?? createTargetCache(fleet.open(name), onRun);
		kept.set(name, target);
		return target;
	};
	return (
		<ThemeProvider initial={theme} depth={depth ?? depthOf(process.env)} links={links ?? opensLinks(process.env)}>
			<ClockProvider value={clock ?? own ?? stopped}>
				{shown.kind === 'target' ? (
					<Shell
						key={shown.name}
						targets={fleet.targets}
						kept={keptOf(shown.name)}
						onTarget={(name) => show({ kind: 'target', name })}
						onFleet={show}
						onExit={onExit}
						guide={guide}
					/>
				) : (
					<FleetShell
						fleet={fleet}
						place={shown}
						onTarget={(name) => show({ kind: 'target', name })}
						onPlace={show}
						onExit={onExit}
					/>
				)}
			</ClockProvider>
		</ThemeProvider>
	);
};
