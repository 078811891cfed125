import type { Runbook } from '../../runbook/runbook.ts';
import type { AlertsMonitor } from './alerts.ts';
import type { BackupsMonitor } from './backups.ts';
import type { CommitMonitor } from './commit.ts';
import type { DiskMonitor } from './disk.ts';
import type { LogMonitor } from './log-errors.ts';
import type { MetricsMonitor } from './metrics.ts';

/** The configs made by each monitor's `build`, for the monitors whose config other code needs. */
interface MonitorConfigs {
	readonly metrics?: MetricsMonitor;
	readonly alerts?: AlertsMonitor;
	readonly commit?: CommitMonitor;
	readonly backups?: BackupsMonitor;
	readonly disk: DiskMonitor;
	readonly log?: LogMonitor;
}

/** Returns the configs of a runbook's monitors, typed. The loader made each by its monitor's own `build`. */
export const monitorConfigs = ({ monitors }: Pick<Runbook, 'monitors'>): MonitorConfigs =>
	monitors as unknown as MonitorConfigs;
