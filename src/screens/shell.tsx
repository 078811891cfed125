import { useEffect, useMemo, useRef, useState } from 'react';
import { useBindings, useLiveBindings } from '../components/keymap/keymap-provider.tsx';
import { useReadable } from '../components/use-readable.ts';
import { useSuspendKey } from '../components/use-suspend.ts';
import type { Guide, Seen } from '../stores/guide.ts';
import { createStore } from '../stores/store.ts';
import type { FollowedRun, Workspace } from '../stores/workspace.ts';
import { ChecksScreen } from './checks/checks-screen.tsx';
import { Dashboard, TooSmall } from './dashboard/dashboard.tsx';
import { smallest } from './dashboard/layout.ts';
import { createDashboardModel } from './dashboard/model.ts';
import { GuideLine } from './guide-line.tsx';
import { type Navigation, NavigationProvider, type Overlay, type Place } from './navigation.ts';
import { OverlayView } from './overlays/overlay-view.tsx';
import { QuestionDialog } from './overlays/question-dialog.tsx';
import { ProcedureScreen } from './procedure/procedure-screen.tsx';
import { RunOnScreen } from './procedure/run-on-screen.tsx';
import { RunScreen } from './run/run-screen.tsx';
import { RunsScreen } from './runs/runs-screen.tsx';
import { bodyOf } from './screen-frame.tsx';
import type { TargetChoice } from './target-choice.ts';
import { useScreenSize } from './use-screen-size.ts';

export interface ShellProps {
	readonly targets: readonly TargetChoice[];
	readonly workspace: Workspace;
	readonly onTarget: (name: string) => void;
	readonly onExit: (code: number) => void;
	/** Has a row under every screen to say what to try next. */
	readonly guide?: Guide;
}

const noticeMs = 8000;

/** One target's screens: the dashboard, what lies on top of it, and the dialogs over that. */
export const Shell = ({ targets, workspace, onTarget, onExit, guide }: ShellProps) => {
	const terminal = useScreenSize();
	const guided = guide !== undefined && terminal.rows > smallest.rows;
	const size = guided ? { ...terminal, rows: terminal.rows - 1 } : terminal;
	const model = useMemo(() => createDashboardModel(workspace), [workspace]);
	useEffect(() => () => model.close(), [model]);
	const [stack, setStack] = useState<readonly Place[]>([]);
	const [overlay, setOverlay] = useState<Overlay>();
	const question = useReadable(workspace.question);
	const notice = useNotice();
	const { run } = useReadable(model.state);
	// What help explains is what the keys did before it was opened.
	const live = useLiveBindings();
	const before = useRef(live);
	if (overlay === undefined) {
		before.current = live;
	}
	const navigation: Navigation = {
		go: (place) => {
			if (place.kind === 'run') {
				model.followRun(place.run);
			}
			setStack((now) => [...now.filter(({ kind }) => kind !== place.kind), place]);
		},
		replace: (place) => {
			if (place.kind === 'run') {
				model.followRun(place.run);
			}
			setStack((now) => [...now.slice(0, -1).filter(({ kind }) => kind !== place.kind), place]);
		},
		back: () => setStack((now) => now.slice(0, -1)),
		home: () => setStack([]),
		open: setOverlay,
		close: () => setOverlay(undefined),
		tell: notice.tell,
		attach: (id) => {
			if (model.state.get().run?.id === id && run !== undefined) {
				navigation.go({ kind: 'run', run });
				return;
			}
			notice.tell(`Attaching to ${id} …`);
			workspace.actions.attach(id).then(
				(followed) => {
					notice.tell('');
					navigation.go({ kind: 'run', run: followed });
				},
				(error: unknown) => setOverlay({ kind: 'error', error, doing: `attaching to run ${id}` }),
			);
		},
		switchTarget: (name) => {
			setOverlay(undefined);
			if (name === workspace.target.name) {
				return;
			}
			onTarget(name);
		},
		quit: () => onExit(0),
	};
	useBindings(
		[
			{ keys: ['ctrl-c'], label: 'leave', group: 'Always', run: () => setOverlay({ kind: 'leave' }) },
			{ keys: [':'], label: 'go to', group: 'Everywhere', run: () => setOverlay({ kind: 'palette' }) },
			{
				keys: ['T'],
				label: 'targets',
				group: 'Everywhere',
				when: targets.length > 1,
				run: () => setOverlay({ kind: 'targets' }),
			},
			{ keys: ['?'], label: 'help', group: 'Everywhere', run: () => setOverlay({ kind: 'help' }) },
		],
		{ layer: 'global' },
	);
	useSuspendKey(process);
	const detach = () => {
		const id = model.state.get().run?.id;
		const going = model.state.get().run?.run.get().state === 'running';
		model.leaveRun();
		setStack([]);
		if (going && id !== undefined) {
			notice.tell(`Detached: run ${id} goes on on the host. r shows it again.`);
		}
	};
	if (size.columns < smallest.columns || size.rows < smallest.rows) {
		return <TooSmall size={size} onQuit={navigation.quit} />;
	}
	const top = stack.at(-1);
	// Leaving is always possible; any other dialog gives way to what the connection asks.
	const asked = overlay?.kind === 'leave' ? undefined : question;
	const covered = overlay !== undefined || asked !== undefined;
	const shared = { workspace, size, notice: notice.said };
	const screen = () => {
		switch (top?.kind) {
			case 'procedure': {
				const procedure = workspace.procedures.find(({ id }) => id === top.procedure);
				return procedure && <ProcedureScreen key={procedure.id} {...shared} procedure={procedure} />;
			}
			case 'undo':
			case 'retry':
				return (
					<RunOnScreen key={`${top.kind} ${top.run}`} {...shared} kind={top.kind} run={top.run} title={top.title} />
				);
			case 'run':
				return <RunScreen key={top.run.id} {...shared} followed={top.run} covered={covered} onDetach={detach} />;
			case 'checks':
				return <ChecksScreen {...shared} covered={covered} followed={top.run} check={top.check} />;
			case 'runs':
				return <RunsScreen {...shared} covered={covered} />;
			default:
				return <Dashboard {...shared} model={model} covered={covered} />;
		}
	};
	return (
		<NavigationProvider value={navigation}>
			{screen()}
			{guided && <GuideLine guide={guide} workspace={workspace} seen={seenOf(top, run)} width={size.columns} />}
			{asked && <QuestionDialog key={asked.prompt} area={bodyOf(size)} question={asked} />}
			{overlay && asked === undefined && (
				<OverlayView
					key={overlay.kind}
					overlay={overlay}
					workspace={workspace}
					model={model}
					targets={targets}
					size={size}
					bindings={before.current}
				/>
			)}
		</NavigationProvider>
	);
};

const seenOf = (top: Place | undefined, run: FollowedRun | undefined): Seen => ({
	place: top?.kind ?? 'dashboard',
	...(top?.kind === 'procedure' && { procedure: top.procedure }),
	...(run !== undefined && { run }),
});

/** What was just said, for a while. */
const useNotice = () => {
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const said = useMemo(() => createStore(''), []);
	useEffect(() => () => clearTimeout(timer.current), []);
	const tell = (text: string) => {
		clearTimeout(timer.current);
		said.set(text);
		if (text !== '') {
			timer.current = setTimeout(() => said.set(''), noticeMs);
		}
	};
	return { said, tell };
};
