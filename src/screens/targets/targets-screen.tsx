import { useMemo, useState } from 'react';
import { timeOfDay } from '../../components/format-time.ts';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { justify, type Line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { useListMouse } from '../../components/mouse/use-list-mouse.ts';
import { panelRows, type Rect } from '../../components/panel.ts';
import { cycled, moved } from '../../components/scroll.ts';
import { useComputedText } from '../../components/use-readable.ts';
import type { Readable } from '../../stores/store.ts';
import { createThrottledSignal } from '../../stores/throttled-signal.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { matches } from '../dashboard/menu-rows.ts';
import { FilterKeys } from '../filter-keys.tsx';
import { Footer } from '../footer.tsx';
import { FullScreenBlocks } from '../full-screen-blocks.tsx';
import { listMoves } from '../list-moves.ts';
import { bodyOf } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { detailRows, standingCounts, targetRows } from './target-rows.ts';
import { orderTargets, targetStatusOf } from './target-status.ts';

export interface TargetsScreenProps {
	readonly workspaces: readonly Workspace[];
	/** The target that was shown before; it is selected first. */
	readonly from: string | undefined;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
	readonly onOpen: (name: string) => void;
	readonly onCompare: (left: string, right: string) => void;
	readonly onTell: (text: string) => void;
	/** Goes one level back, to the target that was shown before; undefined if there is none. */
	readonly onBack: (() => void) | undefined;
	readonly onQuit: () => void;
}

/** All targets at a glance, the worst first. Nothing here changes a host. */
export const TargetsScreen = (props: TargetsScreenProps) => {
	const { workspaces, from, size, notice, covered, onOpen, onCompare, onTell, onBack, onQuit } = props;
	const [filter, setFilter] = useState('');
	const [filtering, setFiltering] = useState(false);
	const [chosen, setChosen] = useState(from);
	/** Targets marked for a comparison: the last two, in the order of marking. */
	const [marked, setMarked] = useState<readonly string[]>([]);
	const { pulse, order, names } = useOrder(workspaces, filter);
	const selected = chosen !== undefined && names.includes(chosen) ? chosen : names[0];
	const body = bodyOf(size);
	const detail = body.height >= 16 ? Math.min(8, Math.floor(body.height / 4) + 1) : 0;
	const list = { ...body, height: body.height - detail };
	const page = Math.max(1, list.height - 3);
	const move = (by: number) => setChosen(moved(names, selected, by));
	const isMarked = selected !== undefined && marked.includes(selected);
	const mark = () => {
		if (selected !== undefined) {
			setMarked(isMarked ? marked.filter((name) => name !== selected) : [...marked.slice(-1), selected]);
		}
	};
	const compare = () => {
		const [first, second] = marked;
		const before = first ?? from;
		// With two targets only one pair is possible.
		const peer = workspaces.length === 2 ? workspaces.find(({ target }) => target.name !== selected) : undefined;
		if (first !== undefined && second !== undefined) {
			onCompare(first, second);
		} else if (selected !== undefined && before !== undefined && before !== selected) {
			onCompare(before, selected);
		} else if (selected !== undefined && peer !== undefined) {
			onCompare(selected, peer.target.name);
		} else {
			onTell('Space marks a target; c compares two that are marked, or one with that under the cursor.');
		}
	};
	useBindings([
		{
			keys: ['enter'],
			label: 'open',
			when: selected !== undefined,
			run: () => selected !== undefined && onOpen(selected),
		},
		{ keys: ['/'], label: 'filter', run: () => setFiltering(true) },
		{ keys: ['space'], label: isMarked ? 'unmark' : 'mark', run: mark },
		{ keys: ['c'], label: 'compare', when: workspaces.length > 1, run: compare },
		{ keys: ['n'], label: 'next match', when: filter !== '', run: () => setChosen(cycled(names, selected, 1)) },
		{ keys: ['N'], label: 'previous match', when: filter !== '', run: () => setChosen(cycled(names, selected, -1)) },
		{
			keys: ['R'],
			label: 'refresh',
			run: () => {
				refreshAll(workspaces);
				onTell('Looking at all targets again.');
			},
		},
		{
			keys: ['esc'],
			label: 'back',
			hidden: filter === '' && onBack === undefined,
			run: () => (filter === '' ? onBack?.() : setFilter('')),
		},
		{ keys: ['q'], label: onBack === undefined ? 'quit' : 'back', run: onBack ?? onQuit },
		{ keys: ['T'], label: 'back', hidden: true, run: () => onBack?.() },
		...listMoves({ page, ends: ['to the worst', 'to the end'], move }),
	]);
	useListMouse({ rect: list, above: 2, ids: names, selected, onWheel: move, onSelect: setChosen }, !covered);
	const current = workspaces.find(({ target }) => target.name === selected);
	return (
		<FullScreenBlocks size={size} covered={covered}>
			<DynamicBlock
				rect={{ x: 0, y: 0, width: size.columns, height: 2 }}
				sources={[pulse]}
				rows={(now) => [
					justify([span(' All targets', 'strong')], [span(`${timeOfDay(now)} `, 'strong')], size.columns),
					standingCounts(workspaces, now).map((part, at) => (at === 0 ? { ...part, text: part.text.slice(1) } : part)),
				]}
			/>
			<DynamicBlock
				rect={list}
				sources={[pulse]}
				rows={(now) => {
					const rows = order(now);
					const summary = summaryOf(rows.length, workspaces.length, filter, filtering);
					return panelRows(
						{ title: 'Targets', summary, focused: true },
						targetRows(rows, now, { selected, marked, width: list.width, height: list.height - 1 }),
						list,
					);
				}}
			/>
			{detail > 0 && (
				<TargetDetail workspace={current} pulse={pulse} rect={{ ...body, y: body.y + list.height, height: detail }} />
			)}
			<Footer rect={{ x: 0, y: size.rows - 1, width: size.columns, height: 1 }} notice={notice} />
			{filtering && <FilterKeys text={filter} onText={setFilter} onEnd={() => setFiltering(false)} />}
		</FullScreenBlocks>
	);
};

const TargetDetail = ({
	workspace,
	pulse,
	rect,
}: {
	readonly workspace: Workspace | undefined;
	readonly pulse: Readable<number>;
	readonly rect: Rect;
}) => (
	<DynamicBlock
		rect={rect}
		sources={[pulse]}
		rows={(now) =>
			panelRows(
				{ title: workspace?.target.name ?? 'No target', focused: false },
				workspace === undefined ? [] : detailRows(workspace, now, rect.width),
				rect,
			)
		}
	/>
);

const refreshAll = (workspaces: readonly Workspace[]): void => {
	for (const { actions } of workspaces) {
		actions.refresh();
	}
};

const summaryOf = (shown: number, all: number, filter: string, filtering: boolean): Line =>
	filtering || filter !== ''
		? [span(`/${filter}${filtering ? '▏' : ''}`, 'accent'), span(`  ${shown} of ${all}`, 'muted')]
		: [span(`${all}, the worst first`, 'muted')];

/** Returns the targets that match a filter, the worst first, and their names in that order. */
const useOrder = (workspaces: readonly Workspace[], filter: string) => {
	const pulse = useMemo(() => createThrottledSignal(workspaces.flatMap(sourcesOf)), [workspaces]);
	const shown = useMemo(
		() =>
			remembered((now: number) =>
				orderTargets(workspaces, now).filter((workspace) => matches(wordsOf(workspace, now), filter)),
			),
		[workspaces, filter],
	);
	const order = (now: number) => shown(now, pulse.get());
	// In the order of the rows; computed again only when that order changes.
	const names = useComputedText([pulse], (now) =>
		order(now)
			.map(({ target }) => target.name)
			.join('\n'),
	)
		.split('\n')
		.filter((name) => name !== '');
	return { pulse, order, names };
};

/** Caches a result for each moment and beat. */
const remembered = <T,>(compute: (now: number) => T): ((now: number, beat: number) => T) => {
	let last: { readonly now: number; readonly beat: number; readonly value: T } | undefined;
	return (now, beat) => {
		if (last === undefined || last.now !== now || last.beat !== beat) {
			last = { now, beat, value: compute(now) };
		}
		return last.value;
	};
};

/** Returns the stores that the page shows of a target. */
const sourcesOf = ({ readings }: Workspace): readonly Readable<unknown>[] => [
	readings.link,
	readings.containers,
	readings.verification,
	readings.commit,
	readings.lock,
	readings.suggestion,
];

/** Returns the words by which a filter matches a target. */
const wordsOf = (workspace: Workspace, now: number): string => {
	const { name, host, badge, readOnly } = workspace.target;
	return [name, host, badge, readOnly ? 'read-only' : '', targetStatusOf(workspace, now)].join(' ');
};
