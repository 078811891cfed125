import { useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { useListMouse } from '../../components/mouse/use-list-mouse.ts';
import { panelRows } from '../../components/panel.ts';
import { cycled, moved } from '../../components/scroll.ts';
import { useReadable } from '../../components/use-readable.ts';
import { isUnfinished, type RunSummary } from '../../runbook/run.ts';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { matches } from '../dashboard/menu-rows.ts';
import { FilterKeys } from '../filter-keys.tsx';
import { listMoves } from '../list-moves.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import { useReport } from '../use-report.ts';
import type { ScreenSize } from '../use-screen-size.ts';
import { mayUndo } from './may-undo.ts';
import { runListRows } from './run-list-rows.ts';

/** The journal: who ran what, when, and the result. Enter shows a run's output, from its start. */
export const RunsScreen = ({
	workspace,
	size,
	notice,
	covered,
}: {
	readonly workspace: Workspace;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
}) => {
	const navigation = useNavigation();
	const report = useReport(workspace.actions);
	const journal = useReadable(workspace.readings.runs);
	const [filter, setFilter] = useState('');
	const [filtering, setFiltering] = useState(false);
	const [chosen, setChosen] = useState<string>();
	const runs = found(journal ?? [], filter);
	const ids = runs.map(({ id }) => id);
	const selected = chosen !== undefined && ids.includes(chosen) ? chosen : ids[0];
	const current = runs.find(({ id }) => id === selected);
	const rect = bodyOf(size);
	const page = Math.max(1, rect.height - 3);
	const move = (by: number) => setChosen(moved(ids, selected, by));
	useBindings([
		{
			keys: ['enter'],
			label: 'attach',
			when: selected !== undefined,
			run: () => selected !== undefined && navigation.attach(selected),
		},
		{
			keys: ['U'],
			label: 'undo',
			when: current !== undefined && mayUndo(current, workspace.procedures),
			run: () => current !== undefined && navigation.go({ kind: 'undo', run: current.id, title: current.title }),
		},
		{
			keys: ['A'],
			label: 'run again',
			when: current !== undefined && isUnfinished(current),
			run: () => current !== undefined && navigation.go({ kind: 'retry', run: current.id, title: current.title }),
		},
		{
			keys: ['p'],
			label: 'report to a file',
			when: selected !== undefined,
			run: () => selected !== undefined && report(selected),
		},
		{ keys: ['/'], label: 'filter', when: (journal ?? []).length > 0, run: () => setFiltering(true) },
		{
			keys: ['n'],
			label: 'next match',
			when: filter !== '',
			run: () => setChosen(cycled(ids, selected, 1)),
		},
		{
			keys: ['N'],
			label: 'previous match',
			when: filter !== '',
			run: () => setChosen(cycled(ids, selected, -1)),
		},
		{ keys: ['R'], label: 'refresh', run: () => workspace.actions.refresh() },
		{ keys: ['esc'], label: 'back', run: () => (filter === '' ? navigation.back() : setFilter('')) },
		{ keys: ['q'], label: 'back', hidden: true, run: navigation.back },
		...listMoves({ page, ends: ['to the newest', 'to the oldest'], move }),
	]);
	useListMouse({ rect, above: 2, ids, selected, onWheel: move, onSelect: setChosen }, !covered);
	return (
		<ScreenFrame workspace={workspace} size={size} notice={notice} covered={covered}>
			<DynamicBlock
				rect={rect}
				sources={[]}
				rows={(now) =>
					panelRows(
						{ title: 'Runs', summary: summaryOf(journal, filter, filtering), focused: true },
						journal === undefined
							? [line(' ? The journal has not been read from the host yet.', 'warn')]
							: runListRows(runs, selected, now, { width: rect.width, height: rect.height - 1 }, filter),
						rect,
					)
				}
			/>
			{filtering && <FilterKeys text={filter} onText={setFilter} onEnd={() => setFiltering(false)} />}
		</ScreenFrame>
	);
};

/** Returns the runs that match a filter, newest first. */
const found = (runs: readonly RunSummary[], filter: string): readonly RunSummary[] =>
	[...runs]
		.sort((a, b) => b.startedAt - a.startedAt)
		.filter(({ id, title, who, reason, state }) => matches(`${id} ${title} ${who.user} ${reason} ${state}`, filter));

const summaryOf = (journal: readonly RunSummary[] | undefined, filter: string, filtering: boolean): Line => {
	if (filtering || filter !== '') {
		return [span(`/${filter}${filtering ? '▏' : ''}`, 'accent')];
	}
	return journal === undefined ? [span('? not read yet', 'warn')] : [span(`${journal.length} in the journal`, 'muted')];
};
