import { Box } from 'ink';
import { useEffect, useMemo, useRef, useState } from 'react';
import { plural } from '../../components/figures.ts';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { DynamicBlock, StaticBlock } from '../../components/live-block.tsx';
import { useMouseAreas } from '../../components/mouse/use-mouse.ts';
import { OutputPane } from '../../components/output-pane.tsx';
import { paneMoves } from '../../components/pane-keys.ts';
import type { Rect } from '../../components/panel.ts';
import { useTheme } from '../../components/theme-context.tsx';
import { useReadable } from '../../components/use-readable.ts';
import type { LogSince } from '../../stores/followed-logs.ts';
import { createLogView, type LogView } from '../../stores/log-view.ts';
import type { Found } from '../../stores/log-view-state.ts';
import type { Readable } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { Header } from '../dashboard/panels.tsx';
import { Footer } from '../footer.tsx';
import { FullScreenBlocks } from '../full-screen-blocks.tsx';
import { useNavigation } from '../navigation.ts';
import { ChoiceDialog } from '../overlays/choice-dialog.tsx';
import { bodyOf } from '../screen-frame.tsx';
import { outputBindings, useCopying, useSaving } from '../use-output-keys.ts';
import type { ScreenSize } from '../use-screen-size.ts';
import { statusLine } from './log-labels.ts';
import { PatternPrompt } from './pattern-prompt.tsx';
import { ServicesDialog } from './services-dialog.tsx';
import { SinceDialog } from './since-dialog.tsx';

export interface LogsScreenProps {
	readonly workspace: Workspace;
	readonly services: readonly string[];
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
}

interface Request {
	readonly services: readonly string[];
	readonly since: LogSince;
}

const servicesOf = (workspace: Workspace): string[] =>
	[...new Set((workspace.readings.containers.get().value ?? []).map(({ service }) => service))].sort();

/** The logs of one or several services on the whole screen. They are followed for as long as it is there. */
export const LogsScreen = ({ workspace, services, size, notice, covered }: LogsScreenProps) => {
	const { coloured: colour } = useTheme();
	const [request, setRequest] = useState<Request>({ services, since: 'newest' });
	const [view, setView] = useState<LogView>();
	const before = useRef<LogView>(undefined);
	useEffect(() => {
		const logs = workspace.actions.followLogs(request.services, request.since);
		const next = createLogView(logs, {
			colour,
			services: [...new Set([...servicesOf(workspace), ...request.services])],
		});
		// What is filtered and how it is looked at outlives another choice of lines.
		const last = before.current;
		if (last !== undefined) {
			const { wrap, time } = last.pane.state.get();
			next.filter(last.state.get().filter);
			if (wrap) {
				next.pane.toggleWrap();
			}
			if (time) {
				next.pane.toggleTime();
			}
		}
		before.current = next;
		setView(next);
		return () => {
			next.close();
			logs.close();
		};
	}, [workspace, request, colour]);
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
	readonly onRequest: (change: Partial<Request>) => void;
}) => {
	const navigation = useNavigation();
	const { tell } = navigation;
	const { logs, pane } = view;
	const [full, setFull] = useState(false);
	const [prompt, setPrompt] = useState<'search' | 'filter'>();
	const [dialog, setDialog] = useState<'since' | 'services' | 'save'>();
	const { filter, search, error } = useReadable(view.state);
	const stream = useReadable(logs.status);
	const saveOutput = useSaving();
	const copy = useCopying(pane);
	const told = useRef(tell);
	told.current = tell;
	useEffect(() => {
		const look = () => {
			if (view.progress.get().tooSlow) {
				told.current('This expression takes too long for a single line: it was given up, all lines are shown.');
			}
		};
		return view.progress.subscribe(look);
	}, [view]);

	const { services } = logs;
	const what = services.length > 2 ? 'logs' : services.join('+');
	const title = services.length > 1 ? `Logs of ${plural(services.length, 'service')}` : `Log of ${services[0] ?? '?'}`;
	const status =
		stream.status === 'lost' ? `lost: ${stream.reason ?? ''}` : stream.status === 'live' ? undefined : stream.reason;
	const report = (looked: Promise<Found>, nothing: string) => {
		void looked.then((found) => {
			if (found === 'nothing') {
				tell(nothing);
			} else if (found === 'too slow') {
				tell('This expression takes too long for a single line: it was given up.');
			}
		});
	};
	const save = (which: 'all' | 'filtered') => {
		setDialog(undefined);
		const { lines, bytes } = view.saved(which);
		if (lines === 0) {
			tell('There is no line yet: nothing was saved.');
			return;
		}
		const { dropped } = logs.lines;
		saveOutput(
			() => workspace.actions.saveLines(what, bytes()),
			[
				which === 'filtered' ? ', the lines that match only' : '',
				dropped === 0 ? '' : `, without the oldest ${plural(dropped, 'line')}`,
			].join(''),
		);
	};
	const leave = () => {
		if (search !== undefined || error !== undefined) {
			void view.search(undefined);
		} else if (filter !== undefined) {
			view.filter(undefined);
		} else if (full) {
			setFull(false);
		} else {
			navigation.back();
		}
	};
	const nothingFound = search === undefined ? '' : `Nothing matches /${search.text} in the lines that are in memory.`;
	const noError = filter === undefined ? 'No line in memory is an error.' : 'None of the lines that match is an error.';
	const active = !covered && dialog === undefined;
	useBindings(
		[
			{ keys: ['&'], label: 'filter', run: () => setPrompt('filter') },
			{ keys: ['/'], label: 'search', run: () => setPrompt('search') },
			{ keys: ['e'], label: 'next error', run: () => report(view.toError(1), noError) },
			{ keys: ['E'], label: 'error before', run: () => report(view.toError(-1), noError) },
			{ keys: ['S'], label: 'since', run: () => setDialog('since') },
			{ keys: ['l'], label: 'services', run: () => setDialog('services') },
			{ keys: ['m'], label: 'mark', run: () => view.mark() },
			{
				keys: ["'"],
				label: 'to the mark',
				run: () => !view.toMark() && tell('Nothing is marked: m marks a line.'),
			},
			{
				keys: ['n'],
				label: 'next match',
				when: search !== undefined,
				run: () => report(view.toMatch(1), nothingFound),
			},
			{
				keys: ['N'],
				label: 'match before',
				when: search !== undefined,
				run: () => report(view.toMatch(-1), nothingFound),
			},
			{ keys: ['f', '+'], label: full ? 'leave full screen' : 'full screen', run: () => setFull(!full) },
			{
				keys: ['esc'],
				label:
					search !== undefined || error !== undefined
						? 'end the search'
						: filter !== undefined
							? 'end the filter'
							: 'back',
				run: leave,
			},
			{ keys: ['q'], label: 'back', hidden: true, run: navigation.back },
			{ keys: ['R'], label: 'refresh', hidden: true, run: () => workspace.actions.refresh() },
		],
		{ active },
	);
	const moves = useMemo(() => paneMoves(pane), [pane]);
	useBindings([...moves, ...outputBindings(() => (filter === undefined ? save('all') : setDialog('save')), copy)], {
		layer: 'panel',
		active,
	});

	const headRows = full ? 0 : 2;
	const row = { x: 0, y: headRows, width: size.columns, height: 1 };
	const paneTop = headRows + 1;
	const paneHeight = size.rows - paneTop - 1;
	const hidden = covered || dialog !== undefined;
	const area = bodyOf(size);
	return (
		<>
			<FullScreenBlocks size={size} paneTop={paneTop} covered={hidden}>
				{!full && <Header workspace={workspace} rect={{ x: 0, y: 0, width: size.columns, height: 2 }} />}
				{prompt === undefined ? (
					<DynamicBlock
						rect={row}
						sources={[logs.older, view.state, view.progress, logs.lines.changed]}
						rows={() => [statusLine(view, size.columns)]}
					/>
				) : (
					<PatternPrompt
						key={prompt}
						rect={row}
						kind={prompt}
						before={prompt === 'search' ? search : filter}
						onPattern={(pattern) => {
							setPrompt(undefined);
							if (prompt === 'filter') {
								view.filter(pattern);
							} else {
								report(
									view.search(pattern),
									`Nothing matches /${pattern?.text ?? ''} in the lines that are in memory.`,
								);
							}
						}}
						onCancel={() => setPrompt(undefined)}
					/>
				)}
				<Box position="absolute" left={0} top={paneTop} width={size.columns} height={paneHeight}>
					<LogPane
						{...{ view, title, status, ended: stream.status === 'ended', covered: hidden }}
						rect={{ ...row, y: paneTop, height: paneHeight }}
					/>
				</Box>
				<Footer rect={{ x: 0, y: size.rows - 1, width: size.columns, height: 1 }} notice={notice} />
			</FullScreenBlocks>
			{dialog === 'since' && (
				<SinceDialog
					area={area}
					now={logs.since}
					onSince={(since) => {
						setDialog(undefined);
						onRequest({ since });
					}}
					onClose={() => setDialog(undefined)}
				/>
			)}
			{dialog === 'services' && (
				<ServicesDialog
					area={area}
					services={[...new Set([...servicesOf(workspace), ...services])].sort()}
					chosen={services}
					onChoose={(chosen) => {
						setDialog(undefined);
						if (chosen.length > 0 && chosen.join(' ') !== services.join(' ')) {
							onRequest({ services: chosen });
						}
					}}
					onClose={() => setDialog(undefined)}
				/>
			)}
			{dialog === 'save' && (
				<ChoiceDialog
					area={area}
					title="Save which lines?"
					text={['Into a new file in the folder backout was started in, readable by its owner only.']}
					choices={[
						{ label: 'Save nothing', run: () => setDialog(undefined) },
						{ key: 'm', label: 'The lines that match', run: () => save('filtered') },
						{ key: 'a', label: 'All lines in memory', run: () => save('all') },
					]}
				/>
			)}
		</>
	);
};

const LogPane = ({
	view,
	title,
	status,
	ended,
	covered,
	rect,
}: {
	readonly view: LogView;
	readonly title: string;
	readonly status: string | undefined;
	readonly ended: boolean;
	readonly covered: boolean;
	readonly rect: Rect;
}) => {
	// A search, a mark or a new service changes what is drawn, beside what the pane knows of.
	useReadable(view.state);
	useReadable(view.logs.sources);
	useMouseAreas([{ rect, onWheel: (by) => view.pane.scrollBy(3 * by) }], !covered);
	return (
		<OutputPane
			view={view.pane}
			title={title}
			top={rect.y}
			height={rect.height}
			width={rect.width}
			focused
			status={status}
			ended={ended}
			covered={covered}
		/>
	);
};
