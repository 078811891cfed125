import { capturedAt } from '../../runbook/captured-readings.ts';
import type { Run } from '../../runbook/run.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { CheckContext, MeasuredBefore } from '../../services/checks/outcome.ts';
import type { Host } from '../../services/host/host.ts';
import { readMeasured } from '../../services/runner/known-good/measured.ts';

/**
 * Returns the earlier values of checks: those of the last verification that passed or, for a check that has none, those from before a run.
 *
 * @param run the run that is verified, if there is one
 */
export const measuredBefore =
	(
		{ host, target }: { readonly host: Host; readonly target: Target },
		run?: Pick<Run, 'readings'>,
	): NonNullable<CheckContext['measuredBefore']> =>
	async (id, signal): Promise<MeasuredBefore | undefined> => {
		const kept = (await readMeasured(host, target, signal)).get(id);
		if (kept !== undefined) {
			return {
				value: kept.value,
				at: kept.at,
				when: kept.run === undefined ? 'when it was verified' : `when run ${kept.run} was verified`,
			};
		}
		const title = target.runbook.checks.find((check) => check.id === id)?.title;
		const before = capturedAt(run?.readings, 'before');
		const seen = before?.seen.find(({ what, state }) => what === `check ${title}` && state !== 'down');
		return seen?.measured === undefined ? undefined : { value: seen.measured, at: seen.at, when: 'before this run' };
	};
