import type { CheckResult, Verification } from '../../runbook/check.ts';
import { checkKindOf } from '../../services/checks/check-kinds.ts';
import { keepMeasured, type MeasuredValue } from '../../services/runner/known-good/measured.ts';
import type { Session } from '../fleet/session.ts';

/** True when a verification passed, or is unknown only because checks have nothing to compare their first value with. */
const isWorthKeeping = ({ verdict, checks }: Pick<Verification, 'verdict' | 'checks'>): boolean =>
	verdict === 'passed' ||
	(verdict === 'unknown' &&
		checks.every(({ state, inconclusive }) => state === 'passed' || inconclusive === 'nothing-before'));

const measuredBy = ({ id, measured, at }: CheckResult, run: string | undefined): readonly MeasuredValue[] =>
	measured === undefined || !Number.isFinite(measured) ? [] : [{ check: id, value: measured, at, run }];

/**
 * Keeps on the host what the checks of a verification have measured, if later ones are compared with it. Nothing is kept on a read-only
 * target, and where no check compares.
 *
 * @param run id of the run that was verified; undefined: it was no run
 */
export const noteMeasured = async (
	{ host, target, readOnly }: Session,
	run: string | undefined,
	verification: Pick<Verification, 'verdict' | 'checks'>,
): Promise<void> => {
	if (readOnly || !isWorthKeeping(verification)) {
		return;
	}
	const comparing = new Set(
		target.runbook.checks
			.filter((definition) => checkKindOf(definition).comparesWithBefore?.(definition))
			.map(({ id }) => id),
	);
	const values = verification.checks.filter(({ id }) => comparing.has(id)).flatMap((check) => measuredBy(check, run));
	await keepMeasured(host, target, values);
};
