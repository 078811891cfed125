import { useMemo, useState } from 'react';
import { timeOfDay } from '../../components/format-time.ts';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { fitLine, justify, type Line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import type { Readable } from '../../stores/store.ts';
import { createThrottledSignal } from '../../stores/throttled-signal.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { isProduction } from '../dashboard/header-rows.ts';
import { Footer } from '../footer.tsx';
import { FullScreenBlocks } from '../full-screen-blocks.tsx';
import { bodyOf } from '../screen-frame.tsx';
import { ScrollPanel } from '../scroll-panel.tsx';
import { badgeWord } from '../targets/target-rows.ts';
import { askedHost } from '../targets/target-status.ts';
import type { ScreenSize } from '../use-screen-size.ts';
import { compareRows } from './compare-rows.ts';
import { compareTargets, differences } from './compare-targets.ts';

export interface CompareScreenProps {
	readonly pair: readonly [Workspace, Workspace];
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
	/** Opens a target's dashboard, where something can be done about it. */
	readonly onOpen: (name: string) => void;
	readonly onTargets: () => void;
	readonly onBack: () => void;
}

/** Two targets beside each other, such as production and its standby. Read-only. */
export const CompareScreen = ({ pair, size, notice, covered, onOpen, onTargets, onBack }: CompareScreenProps) => {
	const [side, setSide] = useState<0 | 1>(0);
	const pulse = useMemo(() => createThrottledSignal(pair.flatMap(sourcesOf)), [pair]);
	const names = [pair[0].target.name, pair[1].target.name] as const;
	const body = bodyOf(size);
	useBindings([
		{ keys: ['enter'], label: `open ${names[side]}`, run: () => onOpen(names[side]) },
		{
			keys: ['tab', 'shift-tab', 'left', 'right', 'h', 'l'],
			label: 'other side',
			run: () => setSide(side === 0 ? 1 : 0),
		},
		{
			keys: ['R'],
			label: 'refresh',
			run: () => {
				for (const { actions } of pair) {
					actions.refresh();
				}
			},
		},
		{ keys: ['T'], label: 'targets', run: onTargets },
		{ keys: ['esc', 'q'], label: 'back', run: onBack },
	]);
	return (
		<FullScreenBlocks size={size} covered={covered}>
			<DynamicBlock
				rect={{ x: 0, y: 0, width: size.columns, height: 2 }}
				sources={[]}
				rows={(now) => {
					const half = Math.floor(size.columns / 2);
					return [
						justify([span(' Side by side', 'strong')], [span(`${timeOfDay(now)} `, 'strong')], size.columns),
						[...fitLine(nameBar(pair[0], side === 0), half), ...nameBar(pair[1], side === 1)],
					];
				}}
			/>
			<ScrollPanel
				rect={body}
				title={`${names[0]} and ${names[1]}`}
				summary={(now) => {
					const count = differences(compareTargets(pair, now));
					return count === 0
						? [span('no difference seen', 'muted')]
						: [span(`≠ ${count === 1 ? '1 difference' : `${count} differences`}`, 'warn')];
				}}
				sources={[pulse]}
				rows={(now) => compareRows(compareTargets(pair, now), names, body.width)}
				active
			/>
			<Footer rect={{ x: 0, y: size.rows - 1, width: size.columns, height: 1 }} notice={notice} />
		</FullScreenBlocks>
	);
};

const nameBar = (workspace: Workspace, selected: boolean): Line => [
	span(selected ? '›' : ' ', 'accent'),
	span(
		` ${[workspace.target.name, badgeWord(workspace.target)].filter((word) => word !== '').join(' ')} `,
		isProduction(workspace.target) ? 'alarm' : 'selected',
	),
	span(` ${askedHost(workspace)}`, 'muted'),
];

const sourcesOf = ({ readings }: Workspace): readonly Readable<unknown>[] => [
	readings.link,
	readings.containers,
	readings.verification,
	readings.commit,
	readings.metrics,
	...readings.health.map(({ reading }) => reading),
];
