import type { Runbook } from '../../runbook/runbook.ts';
import { alerts } from './alerts.ts';
import { backups } from './backups.ts';
import { commit } from './commit.ts';
import { disk } from './disk.ts';
import { health } from './health.ts';
import type { ListMonitorKind, Named } from './list-monitor-kind.ts';
import { logErrors } from './log-errors.ts';
import { metrics } from './metrics.ts';
import type { MonitorKind } from './monitor-kind.ts';
import { nodes } from './nodes.ts';

/**
 * Every monitor with one reading, by its name in the output. To add one, add a file here and a line below, and one of each in
 * screens/dashboard for its panel. The containers are not among them: they are watched with every runbook, and much of the program
 * reads their value with its type, which a table does not know.
 */
export const monitorKinds: Readonly<Record<string, MonitorKind>> = {
	metrics,
	alerts,
	commit,
	backups,
	disk,
	logErrors,
	nodes,
};

/** Every monitor with several readings, by its name in the runbook and in the output. To add one, add a file here and a line below. */
export const listMonitorKinds: Readonly<Record<string, ListMonitorKind>> = { health };

/** Returns a runbook's entries for one of them, in order. */
export const configsOf = ({ monitors }: Pick<Runbook, 'monitors'>, name: string): readonly unknown[] => {
	const list = monitors[name];
	return Array.isArray(list) ? list : [];
};

/** Returns the names of a runbook's entries, by the monitor's name. */
export const listedBy = (runbook: Pick<Runbook, 'monitors'>): Readonly<Record<string, readonly Named[]>> =>
	Object.fromEntries(
		Object.entries(listMonitorKinds).map(([name, kind]) => [
			name,
			configsOf(runbook, name).map((config) => kind.named(config)),
		]),
	);

/** Returns a monitor's config; undefined when the runbook does not have it. */
export const configOf = ({ monitors }: Pick<Runbook, 'monitors'>, name: string): unknown =>
	monitors[monitorKinds[name]?.key ?? name];

/** Returns the names of the monitors in use with a runbook. */
export const watchedBy = (runbook: Pick<Runbook, 'monitors'>): readonly string[] =>
	Object.keys(monitorKinds).filter((name) => configOf(runbook, name) !== undefined);
