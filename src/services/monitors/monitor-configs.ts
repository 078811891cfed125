import type { Runbook } from '../../runbook/runbook.ts';
import type { AlertsMonitor } from './alerts.ts';
import type { BackupsMonitor } from './backups.ts';
import type { CommitMonitor } from './commit.ts';
import type { DiskMonitor } from './disk.ts';
import type { LogMonitor } from './log-errors.ts';
import type { MetricsMonitor } from './metrics.ts';

/** What each monitor's `build` has made of its entry, for those that others than the monitor itself ask for. */
interface MonitorConfigs {
	readonly metrics?: MetricsMonitor;
	readonly alerts?: AlertsMonitor;
	readonly commit?: CommitMonitor;
	readonly backups?: BackupsMonitor;
	readonly disk: DiskMonitor;
	readonly log?: LogMonitor;
}

/** What a runbook makes somebody watch, typed. The loader has made each part by its monitor's own `build`. */
export const monitorConfigs = ({ monitors }: Pick<Runbook, 'monitors'>): MonitorConfigs =>
	monitors as unknown as MonitorConfigs;
