import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import { panelRows } from '../../components/panel.ts';
import { useReadable } from '../../components/use-readable.ts';
import { isUnfinished, type RunSummary } from '../../runbook/run.ts';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { missingRows } from '../missing-rows.ts';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import { useFilteredList } from '../use-filtered-list.tsx';
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
	const missing = useReadable(workspace.readings.runsMissing);
	const newestFirst = (journal ?? []).toSorted((a, b) => b.startedAt - a.startedAt);
	const rect = bodyOf(size);
	const list = useFilteredList(newestFirst, runsOf, {
		rect,
		covered,
		canFilter: newestFirst.length > 0,
		refresh: () => workspace.actions.refresh(),
	});
	const { current, selected } = list;
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
			when: current?.node === undefined && current !== undefined && mayUndo(current, workspace.procedures),
			run: () => current !== undefined && navigation.go({ kind: 'undo', run: current.id, title: current.title }),
		},
		{
			keys: ['A'],
			label: 'run again',
			when: current?.node === undefined && current !== undefined && isUnfinished(current),
			run: () => current !== undefined && navigation.go({ kind: 'retry', run: current.id, title: current.title }),
		},
		{
			keys: ['p'],
			label: 'report to a file',
			when: selected !== undefined,
			run: () => selected !== undefined && report(selected),
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
						{ title: 'Runs', summary: list.prompt ?? summaryOf(journal), focused: true },
						journal === undefined
							? [line(' ? The journal has not been read from the host yet.', 'warn')]
							: [
									...missingRows(missing),
									...runListRows(
										list.shown,
										selected,
										now,
										{ width: rect.width, height: rect.height - 1 - missing.length },
										{ filter: list.filter, isWhole: missing.length === 0 },
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

const runsOf = {
	idOf: ({ id }: RunSummary) => id,
	textOf: ({ id, title, who, reason, state }: RunSummary) => `${id} ${title} ${who.user} ${reason} ${state}`,
};

const summaryOf = (journal: readonly RunSummary[] | undefined): Line =>
	journal === undefined ? [span('? not read yet', 'warn')] : [span(`${journal.length} in the journal`, 'muted')];
