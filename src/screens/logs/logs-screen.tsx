import { Box } from 'ink';
import { useEffect, useRef, useState } from 'react';
import { plural } from '../../components/figures.ts';
import { DynamicBlock, StaticBlock } from '../../components/live-block.tsx';
import type { Rect } from '../../components/panel.ts';
import { useTheme } from '../../components/theme-context.tsx';
import { useReadable } from '../../components/use-readable.ts';
import type { FollowedLogs } from '../../stores/followed-logs.ts';
import { createLogView, type LogView } from '../../stores/log-view.ts';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { Header } from '../dashboard/panels.tsx';
import { Footer } from '../footer.tsx';
import { FullScreenBlocks } from '../full-screen-blocks.tsx';
import { useNavigation } from '../navigation.ts';
import { bodyOf } from '../screen-frame.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { type LogDialog, LogDialogs, type LogRequest } from './log-dialogs.tsx';
import { statusLine } from './log-labels.ts';
import { LogPane } from './log-pane.tsx';
import { PatternPrompt } from './pattern-prompt.tsx';
import { type LogActions, useLogActions } from './use-log-actions.ts';
import { useLogKeys } from './use-log-keys.ts';

export interface LogsScreenProps {
	readonly workspace: Workspace;
	readonly services: readonly string[];
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
}

const servicesOf = (workspace: Workspace): string[] =>
	[...new Set((workspace.readings.containers.get().value ?? []).map(({ service }) => service))].sort();

/** The logs of one or several services on the whole screen. They are followed while it is open. */
export const LogsScreen = ({ workspace, services, size, notice, covered }: LogsScreenProps) => {
	const { coloured: colour, palette } = useTheme();
	const colours = useRef(palette);
	colours.current = palette;
	const [request, setRequest] = useState<LogRequest>({ services, since: 'newest' });
	const [view, setView] = useState<LogView>();
	const before = useRef<LogView>(undefined);
	useEffect(() => {
		const logs = workspace.actions.followLogs(request.services, request.since);
		const next = createLogView(logs, {
			colour,
			palette: colours.current,
			services: [...new Set([...servicesOf(workspace), ...request.services])],
		});
		// The filter and the display of lines outlive another choice of lines.
		const last = before.current;
		if (last !== undefined) {
			const { wrap, time, raw } = last.pane.state.get();
			next.filter(last.state.get().filter);
			if (wrap) {
				next.pane.toggleWrap();
			}
			if (time) {
				next.pane.toggleTime();
			}
			if (raw) {
				next.pane.toggleRaw();
			}
		}
		before.current = next;
		setView(next);
		return () => {
			next.close();
			logs.close();
		};
	}, [workspace, request, colour]);
	useEffect(() => view?.pane.recolour(palette), [view, palette]);
	return view === undefined ? (
		<StaticBlock rect={{ x: 0, y: 0, width: size.columns, height: size.rows }} rows={[]} />
	) : (
		<LogsOnScreen
			workspace={workspace}
			view={view}
			size={size}
			notice={notice}
			covered={covered}
			onRequest={(change) => setRequest((now) => ({ ...now, ...change }))}
		/>
	);
};

const LogsOnScreen = ({
	workspace,
	view,
	size,
	notice,
	covered,
	onRequest,
}: {
	readonly workspace: Workspace;
	readonly view: LogView;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
	readonly onRequest: (change: Partial<LogRequest>) => void;
}) => {
	const { logs } = view;
	const [full, setFull] = useState(false);
	const [prompt, setPrompt] = useState<'search' | 'filter'>();
	const [dialog, setDialog] = useState<LogDialog>();
	const stream = useReadable(logs.status);
	const actions = useLogActions(workspace, view);
	useSlowFilterNotice(view);
	const hidden = covered || dialog !== undefined;
	useLogKeys({ workspace, view, actions, full, setFull, setPrompt, setDialog, active: !hidden });

	const headRows = full ? 0 : 2;
	const row = { x: 0, y: headRows, width: size.columns, height: 1 };
	const pane = { ...row, y: headRows + 1, height: size.rows - headRows - 2 };
	return (
		<>
			<FullScreenBlocks size={size} paneTop={pane.y} covered={hidden}>
				{!full && <Header workspace={workspace} rect={{ x: 0, y: 0, width: size.columns, height: 2 }} />}
				<HeadRow view={view} actions={actions} rect={row} prompt={prompt} onEnd={() => setPrompt(undefined)} />
				<Box position="absolute" left={0} top={pane.y} width={pane.width} height={pane.height}>
					<LogPane
						view={view}
						title={titleOf(logs)}
						status={statusOf(stream)}
						ended={stream.status === 'ended'}
						covered={hidden}
						rect={pane}
					/>
				</Box>
				<Footer rect={{ x: 0, y: size.rows - 1, width: size.columns, height: 1 }} notice={notice} />
			</FullScreenBlocks>
			{dialog !== undefined && (
				<LogDialogs
					dialog={dialog}
					area={bodyOf(size)}
					logs={logs}
					services={servicesOf(workspace)}
					onRequest={onRequest}
					onSave={actions.save}
					onClose={() => setDialog(undefined)}
				/>
			)}
		</>
	);
};

/** Shows a notice when a filter was given up because its expression takes too long. */
const useSlowFilterNotice = (view: LogView): void => {
	const { tell } = useNavigation();
	const told = useRef(tell);
	told.current = tell;
	useEffect(
		() =>
			view.progress.subscribe(() => {
				if (view.progress.get().tooSlow) {
					told.current('This expression takes too long for a single line: it was given up, all lines are shown.');
				}
			}),
		[view],
	);
};

const titleOf = ({ services }: FollowedLogs): string =>
	services.length > 1 ? `Logs of ${plural(services.length, 'service')}` : `Log of ${services[0] ?? '?'}`;

const statusOf = ({ status, reason }: ReturnType<FollowedLogs['status']['get']>): string | undefined =>
	status === 'lost' ? `lost: ${reason ?? ''}` : status === 'live' ? undefined : reason;

/** The row above the lines: facts about them, or a prompt. */
const HeadRow = ({
	view,
	actions,
	rect,
	prompt,
	onEnd,
}: {
	readonly view: LogView;
	readonly actions: LogActions;
	readonly rect: Rect;
	readonly prompt: 'search' | 'filter' | undefined;
	readonly onEnd: () => void;
}) => {
	const { logs } = view;
	const { filter, search } = useReadable(view.state);
	return prompt === undefined ? (
		<DynamicBlock
			rect={rect}
			sources={[logs.older, view.state, view.progress, logs.lines.changed]}
			rows={() => [statusLine(view, rect.width)]}
		/>
	) : (
		<PatternPrompt
			key={prompt}
			rect={rect}
			kind={prompt}
			before={prompt === 'search' ? search : filter}
			onPattern={(pattern) => {
				onEnd();
				actions.onPattern(prompt, pattern);
			}}
			onCancel={onEnd}
		/>
	);
};
