import { alertsPanel } from './alerts-rows.ts';
import { healthPanel } from './health-rows.ts';
import { hostPanel } from './host-rows.ts';
import { metricsPanel } from './metrics-rows.ts';
import type { MonitorPanel } from './monitor-panel.ts';
import { nodesPanel } from './nodes-rows.ts';

/** The panels of monitors, by their ids. To add one, add a file here and a line below; it gets its place after the others. */
export const monitorPanels = {
	health: healthPanel,
	metrics: metricsPanel,
	alerts: alertsPanel,
	host: hostPanel,
	nodes: nodesPanel,
} satisfies Readonly<Record<string, MonitorPanel>>;

export type MonitorPanelId = keyof typeof monitorPanels;

export const monitorPanelIds = Object.keys(monitorPanels) as readonly MonitorPanelId[];
