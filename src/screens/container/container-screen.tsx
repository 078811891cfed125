import { useEffect, useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, span } from '../../components/line.ts';
import { DynamicBlock } from '../../components/live-block.tsx';
import type { Rect } from '../../components/panel.ts';
import { useComputedText, useReadable } from '../../components/use-readable.ts';
import type { InstanceDescription } from '../../engine/instance.ts';
import type { ContainerReading } from '../../runbook/reading.ts';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { stackedCharts } from '../charts.ts';
import type { DashboardModel } from '../dashboard/model.ts';
import { FollowedPane, useFollowedView } from '../followed-pane.tsx';
import { useNavigation } from '../navigation.ts';
import { bodyOf, ScreenFrame } from '../screen-frame.tsx';
import { ScrollPanel } from '../scroll-panel.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { type Task, useTask } from '../use-task.ts';
import { describedRows, happenedRows, stateRows } from './container-rows.ts';
import { useShell } from './use-shell.ts';

export interface ContainerScreenProps {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	/** Name of the container. */
	readonly name: string;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
}

/** `restart a service`, as the label of a key. */
const decapitalised = (title: string): string => `${title.slice(0, 1).toLowerCase()}${title.slice(1)}`;

/** Returns the procedure that the key offers: one that restarts a service, where another takes a service, too, such as a stuck update. */
const restartOf = (procedures: Workspace['procedures']) => {
	const ofServices = procedures.filter(({ serviceInput }) => serviceInput !== undefined);
	return ofServices.find(({ id }) => id.startsWith('restart')) ?? ofServices[0];
};

/** From this width on charts are beside what is said; below they follow it. */
const wide = 110;
/** Rows of each chart that follows. */
const chartRows = 9;

/** Everything about one container: its state, what it was created with, its use, and its log. */
export const ContainerScreen = ({ workspace, model, name, size, notice, covered }: ContainerScreenProps) => {
	const navigation = useNavigation();
	const { containers } = workspace.readings;
	const find = () => containers.get().value?.find((one) => one.name === name);
	const described = useDescription(workspace, find, containers);
	const { log } = useReadable(model.state);
	const service = useComputedText([containers], () => find()?.service ?? '') || undefined;
	useEffect(() => {
		if (service !== undefined && model.state.get().log?.service !== service) {
			model.followLog(service);
		}
	}, [service, model]);
	const pane = useFollowedView(log);
	const [onLog, setOnLog] = useState(false);
	const restart = restartOf(workspace.procedures);
	const openShell = useShell(workspace, navigation.tell);
	// A stopped container has none, and where nothing may be changed none is opened.
	const id = useComputedText([containers], () => {
		const one = find();
		return workspace.target.readOnly || one?.status !== 'running' ? '' : one.id;
	});
	const place = id === '' || service === undefined ? undefined : { id, name, service };
	useBindings(
		[
			{
				keys: ['l'],
				label: 'logs',
				when: service !== undefined,
				run: () => navigation.go({ kind: 'logs', services: [service ?? ''] }),
			},
			{
				keys: ['x'],
				label: 'shell',
				when: place !== undefined,
				run: () => place && openShell(place),
			},
			{
				keys: ['r'],
				label: restart === undefined ? '' : decapitalised(restart.title),
				when: restart?.serviceInput !== undefined && service !== undefined,
				run: () =>
					navigation.go({
						kind: 'procedure',
						procedure: restart?.id ?? '',
						inputs: { [restart?.serviceInput ?? '']: service ?? '' },
					}),
			},
			{ keys: ['R'], label: 'refresh', run: () => workspace.actions.refresh() },
			{
				keys: ['tab'],
				label: onLog ? 'to the details' : 'to the log',
				when: log !== undefined,
				run: () => setOnLog(!onLog),
			},
			{ keys: ['esc', 'q'], label: 'back', run: navigation.back },
		],
		{ active: !covered },
	);
	const { above, details, charts, output } = areas(size);
	const rows = (now: number, width: number): Line[] => {
		const reading = find();
		return [
			...(reading === undefined
				? [[span(` There is no container ${name} any more.`, 'bad')]]
				: stateRows(reading, now)),
			...happenedRows(model.history.marks(reading?.service), now, width),
			...descriptionRows(described, now, width),
			...(charts === undefined ? usageCharts(model, name, find(), now, { width, height: 2 * chartRows }) : []),
		];
	};
	return (
		<ScreenFrame
			workspace={workspace}
			size={size}
			notice={notice}
			paneTop={log === undefined ? undefined : output.y}
			covered={covered}
		>
			<ScrollPanel
				rect={log === undefined ? { ...details, height: above.height + output.height } : details}
				title={name}
				sources={[containers, workspace.readings.runs]}
				rows={(now) => rows(now, details.width)}
				active={!covered && !onLog}
			/>
			{charts !== undefined && (
				<DynamicBlock
					rect={charts}
					sources={[containers]}
					rows={(now) => usageCharts(model, name, find(), now, charts)}
				/>
			)}
			{log !== undefined && pane !== undefined && (
				<FollowedPane
					followed={log}
					view={pane}
					actions={workspace.actions}
					rect={output}
					focused={onLog}
					covered={covered}
				/>
			)}
		</ScreenFrame>
	);
};

/** The description, read again whenever the container was started, stopped or made anew, or its health changed; the last one meanwhile. */
const useDescription = (
	workspace: Workspace,
	find: () => ContainerReading | undefined,
	containers: Workspace['readings']['containers'],
): Task<InstanceDescription | undefined> => {
	const key = useComputedText([containers], () => {
		const { id, status, startedAt, health } = find() ?? {};
		return id === undefined ? '' : [id, status, startedAt, health].join(' ');
	});
	const [id] = key.split(' ');
	const task = useTask(key === '' ? undefined : key, (signal) => workspace.actions.describe(id ?? '', signal));
	const [last, setLast] = useState<Task<InstanceDescription | undefined>>(task);
	useEffect(() => {
		if (task.status !== 'under-way') {
			setLast(task);
		}
	}, [task]);
	return task.status === 'under-way' ? last : task;
};

const descriptionRows = (task: Task<InstanceDescription | undefined>, now: number, width: number): Line[] => {
	switch (task.status) {
		case 'under-way':
			return [[span(' Asking the host what it was created with …', 'muted')]];
		case 'failed':
			return [[span(` ✗ It cannot be said what it was created with: ${String((task.error as Error).message)}`, 'bad')]];
		default:
			return task.value === undefined ? [] : describedRows(task.value, now, width);
	}
};

/** CPU and memory below each other; where there is little room, their values now. */
const usageCharts = (
	{ history }: DashboardModel,
	name: string,
	reading: ContainerReading | undefined,
	now: number,
	{ width, height }: { readonly width: number; readonly height: number },
): Line[] => {
	const marks = history.marks(reading?.service);
	return stackedCharts(
		[
			{ kind: 'cpu', title: 'CPU, % of a core', samples: history.cpu(name), marks, now },
			{ kind: 'memory', title: 'Memory', samples: history.memory(name), marks, now },
		],
		{ width, height, leastRows: 1 },
	);
};

/** What is said above, charts beside it where there is room, and the log below over the whole width. */
const areas = (size: ScreenSize): { above: Rect; details: Rect; charts?: Rect; output: Rect } => {
	const body = bodyOf(size);
	const logRows = Math.max(4, Math.round(body.height * 0.32));
	const above = { ...body, height: body.height - logRows };
	const output = { ...body, y: body.y + above.height, height: logRows };
	if (size.columns < wide) {
		return { above, details: above, output };
	}
	const left = Math.floor((body.width - 1) * 0.55);
	return {
		above,
		details: { ...above, width: left },
		charts: { ...above, x: body.x + left + 1, width: body.width - left - 1 },
		output,
	};
};
