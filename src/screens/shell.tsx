import { useEffect, useMemo, useState } from 'react';
import { useReadable } from '../components/use-readable.ts';
import type { TargetChoice } from '../stores/fleet.ts';
import type { Guide, HintsSeen } from '../stores/onboarding-hints.ts';
import { createStore, type Readable } from '../stores/store.ts';
import type { FollowedRun, Workspace } from '../stores/workspace.ts';
import { useMouseKey } from './appearance-commands.ts';
import { ChecksScreen } from './checks/checks-screen.tsx';
import { ContainerScreen } from './container/container-screen.tsx';
import { Dashboard, TooSmall } from './dashboard/dashboard.tsx';
import { smallest } from './dashboard/layout.ts';
import type { DashboardModel } from './dashboard/model.ts';
import type { FleetPlace } from './fleet-shell.tsx';
import { GuideLine } from './guide-line.tsx';
import { HistoryScreen } from './history/history-screen.tsx';
import { HistoryProvider } from './history-context.ts';
import { LogsScreen } from './logs/logs-screen.tsx';
import { NavigationProvider, type Overlay, type Route } from './navigation.ts';
import { createNavigator } from './navigator.ts';
import { OverlayView } from './overlays/overlay-view.tsx';
import { QuestionDialog } from './overlays/question-dialog.tsx';
import { StageProvider, type StageStore } from './planning-stage.ts';
import { ProcedureScreen } from './procedure/procedure-screen.tsx';
import { RunOnScreen } from './procedure/run-on-screen.tsx';
import { RunScreen } from './run/run-screen.tsx';
import { RunsScreen } from './runs/runs-screen.tsx';
import { bodyOf } from './screen-frame.tsx';
import { lasting, type TargetCache } from './target-cache.ts';
import { useNotice } from './use-notice.ts';
import { useOverlayKeys } from './use-overlay-keys.ts';
import { type ScreenSize, useScreenSize } from './use-screen-size.ts';

export interface ShellProps {
	readonly targets: readonly TargetChoice[];
	readonly kept: TargetCache;
	readonly onTarget: (name: string) => void;
	/** Goes to all targets, or to two side by side. */
	readonly onFleet: (place: FleetPlace) => void;
	readonly onExit: (code: number) => void;
	/** Has a row under every screen to say what to try next. */
	readonly guide?: Guide;
}

/** One target's screens: the dashboard, what lies on top of it, and the dialogs over that. */
export const Shell = ({ targets, kept, onTarget, onFleet, onExit, guide }: ShellProps) => {
	const terminal = useScreenSize();
	const guided = guide !== undefined && terminal.rows > smallest.rows;
	const size = guided ? { ...terminal, rows: terminal.rows - 1 } : terminal;
	const { workspace, model } = kept;
	const [stack, setStack] = useState(kept.stack);
	useEffect(() => {
		kept.stack = lasting(stack);
	}, [kept, stack]);
	useEffect(() => {
		model.resume();
		return () => model.suspend();
	}, [model]);
	const [overlay, setOverlay] = useState<Overlay>();
	const question = useReadable(workspace.question);
	const stage: StageStore = useMemo(() => createStore<HintsSeen['stage']>(undefined), []);
	const notice = useNotice();
	useEffect(() => workspace.notice.subscribe(() => notice.tell(workspace.notice.get())), [workspace]);
	const { run } = useReadable(model.state);
	const { tell } = notice;
	const navigation = createNavigator({ workspace, model, setStack, setOverlay, tell, onTarget, onFleet, onExit });
	const bindings = useOverlayKeys(
		overlay !== undefined,
		setOverlay,
		targets.length > 1 ? navigation.toTargets : () => notice.tell('The config has this target only.'),
		targets.length > 1,
	);
	useMouseKey(notice.tell);
	const detach = () => {
		const id = model.state.get().run?.id;
		const going = model.state.get().run?.run.get().state === 'running';
		model.leaveRun();
		setStack([]);
		if (going && id !== undefined) {
			notice.tell(`Detached: run ${id} keeps running on the host. r shows it again.`);
		}
	};
	if (size.columns < smallest.columns || size.rows < smallest.rows) {
		return <TooSmall size={size} onQuit={navigation.quit} />;
	}
	const top = stack.at(-1);
	// Leaving is always possible; any other dialog gives way to what the connection asks.
	const asked = overlay?.kind === 'leave' ? undefined : question;
	const covered = overlay !== undefined || asked !== undefined;
	return (
		<NavigationProvider value={navigation}>
			<HistoryProvider value={model.history}>
				<StageProvider value={stage}>
					<Screen {...{ workspace, model, size, covered, top }} notice={notice.said} onDetach={detach} />
				</StageProvider>
			</HistoryProvider>
			{guided && (
				<GuideLine
					key={run?.id ?? 'no run'}
					guide={guide}
					workspace={workspace}
					seen={seenOf(top, run)}
					stage={stage}
					width={size.columns}
				/>
			)}
			{asked && <QuestionDialog key={`${asked.host} ${asked.prompt}`} area={bodyOf(size)} question={asked} />}
			{overlay && asked === undefined && (
				<OverlayView
					key={overlay.kind}
					overlay={overlay}
					workspace={workspace}
					model={model}
					targets={targets}
					size={size}
					bindings={bindings}
				/>
			)}
		</NavigationProvider>
	);
};

/** The screen on top, or the dashboard. */
const Screen = ({
	workspace,
	model,
	size,
	notice,
	covered,
	top,
	onDetach,
}: {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	readonly covered: boolean;
	readonly top: Route | undefined;
	readonly onDetach: () => void;
}) => {
	const shared = { workspace, size, notice };
	switch (top?.kind) {
		case 'procedure': {
			const procedure = workspace.procedures.find(({ id }) => id === top.procedure);
			return (
				procedure && (
					<ProcedureScreen
						key={procedure.id}
						{...shared}
						procedure={procedure}
						{...(top.inputs && { inputs: top.inputs })}
					/>
				)
			);
		}
		case 'undo':
		case 'retry':
			return <RunOnScreen key={`${top.kind} ${top.run}`} {...shared} kind={top.kind} run={top.run} title={top.title} />;
		case 'run':
			return <RunScreen key={top.run.id} {...shared} followed={top.run} covered={covered} onDetach={onDetach} />;
		case 'checks':
			return <ChecksScreen {...shared} covered={covered} followed={top.run} check={top.check} />;
		case 'container':
			return <ContainerScreen key={top.name} {...shared} model={model} name={top.name} covered={covered} />;
		case 'logs':
			return <LogsScreen key={top.services.join(' ')} {...shared} services={top.services} covered={covered} />;
		case 'history':
			return <HistoryScreen {...shared} covered={covered} />;
		case 'runs':
			return <RunsScreen {...shared} covered={covered} />;
		default:
			return <Dashboard {...shared} model={model} covered={covered} />;
	}
};

const seenOf = (top: Route | undefined, run: FollowedRun | undefined): HintsSeen => ({
	place: top?.kind ?? 'dashboard',
	...(top?.kind === 'procedure' && { procedure: top.procedure }),
	...(run !== undefined && { run }),
});
