import type { MouseArea } from '../../components/mouse/mouse.ts';
import { useMouseAreas } from '../../components/mouse/use-mouse.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { checkAt } from './checks-rows.ts';
import { containerAt } from './containers-rows.ts';
import { type Content, type Layout, type PanelId, panelIds } from './layout.ts';
import { menuItems, procedureAt } from './menu-rows.ts';
import { type DashboardModel, menuSelection, selectedCheck } from './model.ts';
import { moveIn } from './move.ts';

export interface DashboardMouse {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	readonly layout: Layout;
	readonly content: Content;
	readonly active: boolean;
}

/** Binds the mouse on the dashboard: the wheel moves in the panel under it, a press focuses and selects. It opens nothing. */
export const useDashboardMouse = (dashboard: DashboardMouse): void => {
	const { workspace, model, layout, active } = dashboard;
	const focus = (id: PanelId) => {
		if (model.state.get().focus !== id) {
			model.change({ focus: id, scroll: 0 });
		}
	};
	/** Selects the item in a row under the title, in the current order. */
	const select = (id: PanelId, row: number, size: { readonly width: number; readonly height: number }) => {
		const state = model.state.get();
		if (id === 'procedures') {
			const items = menuItems(workspace.procedures, workspace.readings.suggestion.get(), state.filter);
			const procedure = procedureAt(items, size, menuSelection(workspace, state).selected, row);
			model.change(procedure === undefined ? {} : { procedure });
		} else if (id === 'containers') {
			const shown = state.focus === id ? model.container() : undefined;
			const container = containerAt(workspace.readings.containers.get(), size, shown, row, state.order);
			model.change(container === undefined ? {} : { container });
		} else if (id === 'checks') {
			const shown = state.focus === id ? selectedCheck(workspace, state) : undefined;
			const check = checkAt(workspace.readings.verification.get(), size.height, shown, row);
			model.change(check === undefined ? {} : { check });
		}
	};
	const areas = panelIds.flatMap((id): MouseArea[] => {
		const rect = layout.panels[id];
		return rect === undefined || id === 'output'
			? []
			: [
					{
						rect,
						onWheel: (by) => {
							focus(id);
							moveIn(id, by, dashboard);
						},
						onClick: (row) => {
							if (row > 0) {
								select(id, row - 1, { width: rect.width, height: rect.height - 1 });
							}
							focus(id);
						},
					},
				];
	});
	useMouseAreas(areas, active);
};
