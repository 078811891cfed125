import type { Runbook } from '../../runbook/runbook.ts';
import { alerts } from './alerts.ts';
import { backups } from './backups.ts';
import { commit } from './commit.ts';
import { disk } from './disk.ts';
import { logErrors } from './log-errors.ts';
import { metrics } from './metrics.ts';
import type { MonitorKind } from './monitor-kind.ts';

/**
 * Every monitor that gives one reading, by its name in the output. One more is one more file here and one more line, and one of each
 * in screens/dashboard for its panel. Containers and health endpoints, of which there are several, are not among them.
 */
export const monitorKinds: Readonly<Record<string, MonitorKind>> = {
	metrics,
	alerts,
	commit,
	backups,
	disk,
	logErrors,
};

/** What the runbook says of a monitor; undefined where it does not watch it. */
export const configOf = ({ monitors }: Pick<Runbook, 'monitors'>, name: string): unknown =>
	monitors[monitorKinds[name]?.key ?? name];

/** The names of the monitors that a runbook makes somebody watch. */
export const watchedBy = (runbook: Pick<Runbook, 'monitors'>): readonly string[] =>
	Object.keys(monitorKinds).filter((name) => configOf(runbook, name) !== undefined);
