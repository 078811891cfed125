import { useEffect, useMemo, useState } from 'react';
import { startClock } from './components/clock.ts';
import { ColourProvider } from './components/live-block.tsx';
import { wantsColour } from './components/paint.ts';
import { ClockProvider } from './components/use-readable.ts';
import { Shell } from './screens/shell.tsx';
import type { TargetChoice } from './screens/target-choice.ts';
import type { Guide } from './stores/guide.ts';
import type { Readable } from './stores/store.ts';
import type { Workspace } from './stores/workspace.ts';

export interface AppProps {
	readonly targets: readonly TargetChoice[];
	/** The workspace shown first. */
	readonly initial: Workspace;
	/** Opens another target; the one before is closed. */
	readonly openTarget: (name: string) => Workspace;
	/** Called once, when the operator leaves. The caller unmounts. */
	readonly onExit: (code: number) => void;
	/** Says in a row of its own what to try next. */
	readonly guide?: Guide;
	/** Whether tones become colours; NO_COLOR decides unless given. */
	readonly colour?: boolean;
	/** The clock of the screen, ms since the epoch; one of its own unless given. */
	readonly clock?: Readable<number>;
}

const stopped: Readable<number> = { get: () => Date.now(), subscribe: () => () => {} };

/** The whole screen: one workspace at a time, and a new shell for each. */
export const App = ({ targets, initial, openTarget, onExit, guide, colour, clock }: AppProps) => {
	const [workspace, setWorkspace] = useState(initial);
	const [own] = useState(() => (clock === undefined ? startClock() : undefined));
	useEffect(() => own?.stop, [own]);
	const colours = useMemo(() => colour ?? wantsColour(process.env), [colour]);
	const switchTarget = (name: string) => {
		const next = openTarget(name);
		void workspace.close();
		setWorkspace(next);
	};
	return (
		<ColourProvider value={colours}>
			<ClockProvider value={clock ?? own ?? stopped}>
				<Shell
					key={workspace.target.name}
					targets={targets}
					workspace={workspace}
					onTarget={switchTarget}
					onExit={onExit}
					guide={guide}
				/>
			</ClockProvider>
		</ColourProvider>
	);
};
