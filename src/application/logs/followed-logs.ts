import type { Runbook } from '../../runbook/runbook.ts';
import { checkKindOf } from '../../services/checks/check-kinds.ts';
import type { InstanceModel } from '../../services/instances/instance-model.ts';
import { monitorConfigs } from '../../services/monitors/monitor-configs.ts';
import type { ErrorPattern, FollowedLogs, LogSince } from '../../stores/followed-logs.ts';
import { createLogLines } from '../../stores/log-lines.ts';
import { watchLogs } from './watch-logs.ts';

/** What counts as an error where the runbook does not say. */
const usualErrors: ErrorPattern = { pattern: '\\b(?:error|critical|fatal|panic|exception|traceback)\\b' };

/** Which lines of a service are errors: as a check of its log or the monitor of the log has it, else the usual words. */
export const errorPatternOf = (runbook: Pick<Runbook, 'checks' | 'monitors'>, service: string) => {
	const ofChecks = runbook.checks.flatMap((check) => checkKindOf(check).errorLines?.(check) ?? []);
	const { log } = monitorConfigs(runbook);
	const found = [...(log === undefined ? [] : [log]), ...ofChecks].find((lines) => lines.service === service);
	const { pattern, except } = found ?? log ?? usualErrors;
	return { pattern, ...(except !== undefined && { except }) };
};

/** Follows the logs of services together, in memory for a screen. Whoever opened it closes it. */
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
		// What has left the memory is between what would be read and what is there.
		onOlder: (entries) => (lines.dropped > 0 ? 0 : lines.prepend(entries)),
	});
	return { services, since, lines, errors: (service) => errorPatternOf(target.runbook, service), ...watched };
};
