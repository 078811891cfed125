import { useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { useListMouse } from '../../components/mouse/use-list-mouse.ts';
import { panelRows } from '../../components/panel.ts';
import { cycled, moved } from '../../components/scroll.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { PastDeployment } from '../../runbook/history.ts';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { matches } from '../dashboard/menu-rows.ts';
import { FilterKeys } from '../filter-keys.tsx';
import { listMoves } from '../list-moves.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { type Task, useTask } from '../use-task.ts';
import { deploymentId, historyRows } from './history-rows.ts';

/** What was deployed when, by whom, for how long and with which verdict, whoever did it. Enter shows the run, where there is one. */
export const HistoryScreen = ({
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
	const [times, setTimes] = useState(0);
	const task = useTask(String(times), (signal) => workspace.actions.history(signal));
	const [filter, setFilter] = useState('');
	const [filtering, setFiltering] = useState(false);
	const [chosen, setChosen] = useState<string>();
	const deployments = task.status === 'done' ? found(task.value, filter) : [];
	const ids = deployments.map(deploymentId);
	const selected = chosen !== undefined && ids.includes(chosen) ? chosen : ids[0];
	const run = deployments.find((one) => deploymentId(one) === selected)?.run;
	const rect = bodyOf(size);
	const page = Math.max(1, rect.height - 3);
	const move = (by: number) => setChosen(moved(ids, selected, by));
	useBindings([
		{
			keys: ['enter'],
			label: 'show the run',
			when: run !== undefined,
			run: () => run !== undefined && navigation.attach(run),
		},
		{ keys: ['/'], label: 'filter', when: task.status === 'done', run: () => setFiltering(true) },
		{ keys: ['n'], label: 'next match', when: filter !== '', run: () => setChosen(cycled(ids, selected, 1)) },
		{ keys: ['N'], label: 'previous match', when: filter !== '', run: () => setChosen(cycled(ids, selected, -1)) },
		{ keys: ['R'], label: 'refresh', run: () => setTimes(times + 1) },
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
						{ title: 'History', summary: summaryOf(task, filter, filtering), focused: true },
						task.status === 'failed'
							? [line(` ? It could not be read: ${messageOf(task.error)}`, 'warn')]
							: task.status === 'under-way'
								? [line(' Reading what was deployed…', 'muted')]
								: historyRows(deployments, selected, now, { width: rect.width, height: rect.height - 1 }, filter),
						rect,
					)
				}
			/>
			{filtering && <FilterKeys text={filter} onText={setFilter} onEnd={() => setFiltering(false)} />}
		</ScreenFrame>
	);
};

/** Returns the deployments that match a filter, newest first. */
const found = (deployments: readonly PastDeployment[], filter: string): readonly PastDeployment[] =>
	deployments.filter(({ commit, subject, how, by, reason, run, images }) =>
		matches(
			[commit, subject, how, by, reason, run, ...images.map(({ image }) => image)].filter(Boolean).join(' '),
			filter,
		),
	);

const summaryOf = (task: Task<readonly PastDeployment[]>, filter: string, filtering: boolean): Line => {
	if (filtering || filter !== '') {
		return [span(`/${filter}${filtering ? '▏' : ''}`, 'accent')];
	}
	return task.status === 'done' ? [span(`${task.value.length} deployments, whoever made them`, 'muted')] : [];
};
