import { useRef } from 'react';
import { useComputedText } from '../../components/use-readable.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { type Content, menuWidth, usualContent } from './layout.ts';
import { menuItems, reasonRows } from './menu-rows.ts';
import type { MonitorPanel } from './monitor-panel.ts';
import { monitorPanelIds, monitorPanels } from './monitor-panels.ts';

/**
 * Returns how many rows each panel could fill. It only grows while the dashboard is open: a container that vanishes must not move
 * everything below it.
 */
export const useContent = (workspace: Workspace, columns: number): Content => {
	const { readings } = workspace;
	const { containers, verification, suggestion } = readings;
	const growing = Object.values<MonitorPanel>(monitorPanels).filter(({ grows }) => grows);
	const ofMonitors = growing.flatMap(({ sources }) => sources(readings));
	const most = useRef<Partial<Record<keyof Content, number>>>({});
	const text = useComputedText([containers, verification, suggestion, ...ofMonitors], () => {
		const items = menuItems(workspace.procedures, suggestion.get());
		const real: Partial<Record<keyof Content, number>> = {
			containers: containers.get().value?.length,
			checks: verification.get()?.checks.length,
			// Room is kept for the reason of a suggestion that may come.
			procedures:
				items.length +
				Math.max(0, reasonRows(items, menuWidth(columns)) - 1, items.some(({ kind }) => kind === 'why') ? 1 : 4),
			links: workspace.links.length,
			...Object.fromEntries(monitorPanelIds.map((id) => [id, monitorPanels[id].contentRows(readings)])),
		};
		const grown: Record<keyof Content, number> = { ...usualContent };
		for (const id of Object.keys(usualContent) as (keyof Content)[]) {
			const rows = real[id];
			if (rows !== undefined) {
				most.current[id] = Math.max(rows, most.current[id] ?? 0);
			}
			grown[id] = most.current[id] ?? usualContent[id];
		}
		return JSON.stringify(grown);
	});
	return JSON.parse(text) as Content;
};
