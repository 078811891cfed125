import { useRef } from 'react';
import { useComputedText } from '../../components/use-readable.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { type Content, usualContent } from './layout.ts';
import { menuItems } from './menu-rows.ts';

/**
 * How many rows each panel could fill. It only grows while the dashboard is open: a container that vanishes must not
 * make everything under it jump.
 */
export const useContent = (workspace: Workspace): Content => {
	const { containers, metrics, alerts, verification, suggestion, health } = workspace.readings;
	const most = useRef<Partial<Record<keyof Content, number>>>({});
	const text = useComputedText([containers, metrics, alerts, verification, suggestion], () => {
		const items = menuItems(workspace.procedures, suggestion.get());
		const real: Partial<Record<keyof Content, number>> = {
			containers: containers.get().value?.length,
			health: health.length,
			checks: verification.get()?.checks.length,
			metrics: metrics.get().value?.length,
			alerts: Math.max(1, alerts.get().value?.length ?? 0),
			host: 3,
			// The reason of the suggestion may take two rows.
			procedures: items.length + (items.some(({ kind }) => kind === 'why') ? 1 : 4),
			links: workspace.links.length,
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
