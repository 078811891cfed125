import type { Runbook } from '../../runbook/runbook.ts';
import { checkKindOf } from '../../services/checks/check-kinds.ts';
import type { InstanceModel } from '../../services/instances/instance-model.ts';
import { monitorConfigs } from '../../services/monitors/monitor-configs.ts';
import type { ErrorPattern, FollowedLogs, LogSince } from '../../stores/followed-logs.ts';
import { createLogLines } from '../../stores/log-lines.ts';
import { watchLogs } from './watch-logs.ts';

/** Words of an error when the runbook does not define one. */
const usualErrors: ErrorPattern = { pattern: '\\b(?:error|critical|fatal|panic|exception|traceback)\\b' };

/** Returns the pattern of a service's error lines: from a check or the monitor of its log, else the usual words. */
export const errorPatternOf = (runbook: Pick<Runbook, 'checks' | 'monitors'>, service: string): ErrorPattern => {
	const ofChecks = runbook.checks.flatMap((check) => checkKindOf(check).errorLines?.(check) ?? []);
	const { log } = monitorConfigs(runbook);
	const found = [...(log === undefined ? [] : [log]), ...ofChecks].find((lines) => lines.service === service);
	const { pattern, except } = found ?? log ?? usualErrors;
	return { pattern, ...(except !== undefined && { except }) };
};

/** Follows the logs of services together, in memory for a screen. The caller closes it. */
export const followServiceLogs = (
	instances: InstanceModel,
	target: { readonly runbook: Pick<Runbook, 'checks' | 'monitors'> },
	services: readonly string[],
	{ since = 'newest', secrets }: { readonly since?: LogSince; readonly secrets?: Promise<readonly string[]> } = {},
): FollowedLogs => {
	const lines = createLogLines();
	const watched = watchLogs(instances, {
		services,
		since,
		...(secrets !== undefined && { secrets }),
		onLines: (entries) => lines.append(entries),
		// Once lines have left the memory, older ones would leave a gap.
		onOlder: (entries) => (lines.dropped > 0 ? 0 : lines.prepend(entries)),
	});
	return { services, since, lines, errors: (service) => errorPatternOf(target.runbook, service), ...watched };
};
