import { useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { panelRows } from '../../components/panel.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { PastDeployment, WholeHistory } from '../../runbook/history.ts';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { missingRows } from '../missing-rows.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import { useFilteredList } from '../use-filtered-list.tsx';
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
	const rect = bodyOf(size);
	const list = useFilteredList(task.status === 'done' ? task.value.deployments : [], deploymentsOf, {
		rect,
		covered,
		canFilter: task.status === 'done',
		refresh: () => setTimes(times + 1),
	});
	const run = list.current?.run;
	useBindings([
		{
			keys: ['enter'],
			label: 'show the run',
			when: run !== undefined,
			run: () => run !== undefined && navigation.attach(run),
		},
		...list.keys,
	]);
	return (
		<ScreenFrame workspace={workspace} size={size} notice={notice} covered={covered}>
			<DynamicBlock
				rect={rect}
				sources={[]}
				rows={(now) =>
					panelRows(
						{ title: 'History', summary: list.prompt ?? summaryOf(task), focused: true },
						task.status === 'failed'
							? [line(` ? It could not be read: ${messageOf(task.error)}`, 'warn')]
							: task.status === 'under-way'
								? [line(' Reading what was deployed…', 'muted')]
								: [
										...missingRows(task.value.missing),
										...historyRows(
											list.shown,
											list.selected,
											now,
											{ width: rect.width, height: rect.height - 1 - task.value.missing.length },
											list.filter,
										),
									],
						rect,
					)
				}
			/>
			{list.filterKeys}
		</ScreenFrame>
	);
};

const deploymentsOf = {
	idOf: deploymentId,
	textOf: ({ commit, subject, how, by, reason, run, images }: PastDeployment) =>
		[commit, subject, how, by, reason, run, ...images.map(({ image }) => image)].filter(Boolean).join(' '),
};

const summaryOf = (task: Task<WholeHistory>): Line =>
	task.status === 'done' ? [span(`${task.value.deployments.length} deployments, whoever made them`, 'muted')] : [];
