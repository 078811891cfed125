import type { AlertReading } from '../../runbook/reading.ts';

/** Alerts that are made to fire all the time: of Prometheus' own rules, to show that alerting works and to hold back others. */
const alwaysFiring: ReadonlySet<string> = new Set(['Watchdog', 'DeadMansSwitch', 'InfoInhibitor']);

/**
 * Says of each alert why it alarms nobody, where that is so: it always fires by design, its severity is none, the runbook
 * ignores it, or it fired before what runs now was deployed, so that this deployment cannot be its cause.
 *
 * @param ignore regular expressions (flag `u`) for whole names
 * @param deployedAt when the newest container was made, ms by the host's clock; undefined when it is not known
 */
export const markQuiet = (
	alerts: readonly AlertReading[],
	ignore: readonly string[],
	deployedAt: number | undefined,
): readonly AlertReading[] => {
	const ignored = ignore.map((pattern) => new RegExp(`^(?:${pattern})$`, 'u'));
	const why = ({ name, severity, startsAt }: AlertReading): string | undefined => {
		if (alwaysFiring.has(name)) {
			return 'always fires by design';
		}
		if (severity?.toLowerCase() === 'none') {
			return 'its severity is none';
		}
		if (ignored.some((pattern) => pattern.test(name))) {
			return 'the runbook ignores it';
		}
		return deployedAt !== undefined && startsAt > 0 && startsAt < deployedAt
			? 'fired before the newest container was made'
			: undefined;
	};
	return alerts.map((alert) => {
		const quiet = why(alert);
		return quiet === undefined ? alert : { ...alert, quiet };
	});
};
