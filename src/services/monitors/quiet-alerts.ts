import type { AlertReading } from '../../runbook/reading.ts';

/** Alerts that fire all the time by design: rules of Prometheus that prove that alerting works, or hold back others. */
const alwaysFiring: ReadonlySet<string> = new Set(['Watchdog', 'DeadMansSwitch', 'InfoInhibitor']);

/**
 * Adds to alerts the reason why they should alarm nobody, if there is one: it always fires by design, its severity is none, the runbook
 * ignores it, or it fired before the current deployment, which therefore cannot be its cause.
 *
 * @param ignore regular expressions (flag `u`) for whole names
 * @param deployedAt creation of the newest container, ms by the host's clock; undefined when it is not known
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
