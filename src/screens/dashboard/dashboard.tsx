import { Box } from 'ink';
import { useEffect, useRef, useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { line } from '../../components/line.ts';
import { StaticBlock } from '../../components/live-block.tsx';
import { panelRows } from '../../components/panel.ts';
import { useComputedText, useReadable } from '../../components/use-readable.ts';
import { settledValue } from '../../runbook/reading.ts';
import type { Readable } from '../../stores/store.ts';
import type { FollowedLog, Workspace } from '../../stores/workspace.ts';
import { FilterKeys } from '../filter-keys.tsx';
import { FollowedPane, useFollowedView } from '../followed-pane.tsx';
import { Footer } from '../footer.tsx';
import { FullScreenBlocks } from '../full-screen-blocks.tsx';
import type { ScreenSize } from '../use-screen-size.ts';
import { useContent } from './content.ts';
import { layoutDashboard, type PanelId, smallest } from './layout.ts';
import { MenuPanel } from './menu-panel.tsx';
import { type DashboardModel, selectedCheck } from './model.ts';
import { monitorPanelIds } from './monitor-panels.ts';
import { ChecksPanel, ContainersPanel, Header, LinksPanel, panelNumber, ReadingPanel } from './panels.tsx';
import { SeparatorRule } from './separator.tsx';
import { useDashboardKeys } from './use-dashboard-keys.ts';
import { useDashboardMouse } from './use-dashboard-mouse.ts';

export interface DashboardProps {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	readonly size: ScreenSize;
	readonly notice: Readable<string>;
	/** True while a dialog covers it. */
	readonly covered: boolean;
}

/** The state of the target and the actions on it, on one screen. */
export const Dashboard = ({ workspace, model, size, notice, covered }: DashboardProps) => {
	const state = useReadable(model.state);
	const content = useContent(workspace, size.columns);
	const [filtering, setFiltering] = useState(false);
	const layout = layoutDashboard({ ...size, focus: state.focus, zoomed: state.zoomed, content });
	const followed = state.run ?? state.log;
	const pane = useFollowedView(followed);
	useDashboardKeys({ workspace, model, layout, content, active: !covered, onFilter: () => setFiltering(true) });
	useDashboardMouse({ workspace, model, layout, content, active: !covered });
	useFirstLog(workspace, model);
	const { panels } = layout;
	const shared = (id: PanelId) => ({
		workspace,
		focused: state.focus === id,
		from: state.focus === id ? state.scroll : 0,
	});
	const paneTop = followed === undefined ? undefined : panels.output?.y;
	return (
		<FullScreenBlocks size={size} paneTop={paneTop} covered={covered}>
			<Header workspace={workspace} rect={layout.header} />
			{panels.containers && (
				<ContainersPanel
					{...shared('containers')}
					rect={panels.containers}
					selected={model.container()}
					order={state.order}
				/>
			)}
			{/* In the order of their numbers: a screen reader reads them so. */}
			{panels.checks && (
				<ChecksPanel {...shared('checks')} rect={panels.checks} selected={selectedCheck(workspace, state)} />
			)}
			{monitorPanelIds.map((id) => {
				const rect = panels[id];
				return rect && <ReadingPanel key={id} {...shared(id)} rect={rect} id={id} zoomed={layout.mode === 'zoomed'} />;
			})}
			{panels.procedures && (
				<MenuPanel {...shared('procedures')} rect={panels.procedures} model={model} filtering={filtering} />
			)}
			{panels.links && <LinksPanel {...shared('links')} rect={panels.links} />}
			{layout.separators.map((separator) => (
				<SeparatorRule key={`${separator.rect.x}-${separator.rect.y}`} separator={separator} />
			))}
			{panels.output &&
				(followed === undefined || pane === undefined ? (
					<StaticBlock
						rect={panels.output}
						rows={panelRows(
							{ number: panelNumber('output'), title: 'Output', focused: state.focus === 'output' },
							[line(' l shows the log of the selected service; a run shows its output here', 'muted')],
							panels.output,
						)}
					/>
				) : (
					<FollowedPane
						followed={followed}
						view={pane}
						actions={workspace.actions}
						rect={panels.output}
						number={panelNumber('output')}
						focused={state.focus === 'output'}
						covered={covered}
						onClick={() => model.change({ focus: 'output', scroll: 0 })}
					/>
				))}
			{filtering && (
				<FilterKeys
					text={state.filter}
					onText={(filter) => model.change({ filter })}
					onEnd={() => setFiltering(false)}
				/>
			)}
			<Footer rect={layout.footer} notice={notice} />
		</FullScreenBlocks>
	);
};

/**
 * Shows the log of the main service, or of one in a worse state, as soon as the containers are known. They are listed before they are
 * inspected, so the worst one may turn out later: while the operator has chosen no log, it is then that one's.
 */
const useFirstLog = (workspace: Workspace, model: DashboardModel): void => {
	const { containers } = workspace.readings;
	const first = useRef<FollowedLog>(undefined);
	const find = (name?: string) => containers.get().value?.find((one) => one.service === name);
	const wanted = useComputedText([containers], () => {
		if (settledValue(containers.get()) === undefined) {
			return '';
		}
		const worst = model.service();
		const main = find(workspace.target.mainService);
		return (main !== undefined && main.state === find(worst)?.state ? main.service : worst) ?? '';
	});
	const isDown = (name: string) => containers.get().value?.some((one) => one.service === name && one.state === 'down');
	// It may have been the worst one for a while before it is down.
	const wantedIsDown = useComputedText([containers], () => (isDown(wanted) ? 'down' : ''));
	useEffect(() => {
		const { log, run, focus, zoomed } = model.state.get();
		const isLeftAlone = log !== undefined && log === first.current && focus !== 'output' && !zoomed;
		if (wanted === '' || run !== undefined) {
			return;
		}
		if (log === undefined || (isLeftAlone && log.service !== wanted && wantedIsDown !== '' && !isDown(log.service))) {
			model.followLog(wanted);
			first.current = model.state.get().log;
		}
	}, [wanted, wantedIsDown, model, containers]);
};

/** One line for a terminal that is too small. */
export const TooSmall = ({ size, onQuit }: { readonly size: ScreenSize; readonly onQuit: () => void }) => {
	useBindings([{ keys: ['q'], label: 'quit', run: onQuit }]);
	const needs = `${smallest.columns}×${smallest.rows}`;
	return (
		<Box width={size.columns} height={size.rows}>
			<StaticBlock
				rect={{ x: 0, y: 0, width: size.columns, height: size.rows }}
				rows={[line(`too small (min ${needs}), q quits`)]}
			/>
		</Box>
	);
};
