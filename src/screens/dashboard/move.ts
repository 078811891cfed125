import { moved } from '../../components/scroll.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { orderContainers } from './containers-rows.ts';
import type { Content, Layout, PanelId } from './layout.ts';
import { checkIds, type DashboardModel, menuSelection, selectedCheck } from './model.ts';

/** Moves the selection of a panel by rows, or scrolls one without a selection. The output pane moves by itself. */
export const moveIn = (
	focus: PanelId,
	by: number,
	{
		workspace,
		model,
		layout,
		content,
	}: {
		readonly workspace: Workspace;
		readonly model: DashboardModel;
		readonly layout: Layout;
		readonly content: Content;
	},
): void => {
	const state = model.state.get();
	if (focus === 'procedures') {
		const { ids, selected } = menuSelection(workspace, state);
		model.change({ procedure: moved(ids, selected, by) });
	} else if (focus === 'containers') {
		const room = (layout.panels.containers?.height ?? 2) - 2;
		const list = orderContainers(workspace.readings.containers.get().value ?? [], room, state.order);
		const names = list.map(({ name }) => name);
		model.change({ container: moved(names, model.container(), by) });
	} else if (focus === 'checks') {
		model.change({ check: moved(checkIds(workspace), selectedCheck(workspace, state), by) });
	} else if (focus !== 'output') {
		// On the whole screen, these have a chart for each row.
		const isOfCharts = layout.mode === 'zoomed' && (focus === 'health' || focus === 'metrics');
		const room = isOfCharts ? 1 : (layout.panels[focus]?.height ?? 1) - 1;
		const most = Math.max(0, content[focus] - room);
		model.change({ scroll: Math.max(0, Math.min(most, state.scroll + by)) });
	}
};
