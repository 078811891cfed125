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

/**
 * Every monitor that gives one reading, by its name in the output. One more is one more file here and one more line, and one of each
 * in screens/dashboard for its panel. The containers are not among them: no runbook says whether they are watched, and all else rests
 * on what the model of instances reads for them.
 */
export const monitorKinds: Readonly<Record<string, MonitorKind>> = {
	metrics,
	alerts,
	commit,
	backups,
	disk,
	logErrors,
};

/** Every monitor of which a runbook names several, by its name in the runbook and in the output. One more is a file and a line, too. */
export const listMonitorKinds: Readonly<Record<string, ListMonitorKind>> = { health };

/** What a runbook says of each of them, in its order. */
export const configsOf = ({ monitors }: Pick<Runbook, 'monitors'>, name: string): readonly unknown[] => {
	const list = monitors[name];
	return Array.isArray(list) ? list : [];
};

/** Which of them a runbook names, by the monitor's name. */
export const listedBy = (runbook: Pick<Runbook, 'monitors'>): Readonly<Record<string, readonly Named[]>> =>
	Object.fromEntries(
		Object.entries(listMonitorKinds).map(([name, kind]) => [
			name,
			configsOf(runbook, name).map((config) => kind.named(config)),
		]),
	);

/** What the runbook says of a monitor; undefined where it does not watch it. */
export const configOf = ({ monitors }: Pick<Runbook, 'monitors'>, name: string): unknown =>
	monitors[monitorKinds[name]?.key ?? name];

/** The names of the monitors that a runbook makes somebody watch. */
export const watchedBy = (runbook: Pick<Runbook, 'monitors'>): readonly string[] =>
	Object.keys(monitorKinds).filter((name) => configOf(runbook, name) !== undefined);
