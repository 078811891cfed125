import type { CheckResult, Verification } from '../../runbook/check.ts';
import { keepMeasured, type MeasuredValue } from '../../services/runner/known-good/measured.ts';
import type { Session } from '../fleet/session.ts';

/** True when a verification passed, or is unknown only because checks have nothing to compare their first value with. */
const isWorthKeeping = ({ verdict, checks }: Pick<Verification, 'verdict' | 'checks'>): boolean =>
	verdict === 'passed' ||
	(verdict === 'unknown' &&
		checks.every(({ state, inconclusive }) => state === 'passed' || inconclusive === 'nothing-before'));

const measuredBy = ({ id, measured, at }: CheckResult, run: string): readonly MeasuredValue[] =>
	measured === undefined || !Number.isFinite(measured) ? [] : [{ check: id, value: measured, at, run }];

/** Keeps on the host what the checks of a verification have measured, if later ones may be compared with it. */
export const noteMeasured = async (
	{ host, target }: Session,
	run: string,
	verification: Pick<Verification, 'verdict' | 'checks'>,
): Promise<void> => {
	if (isWorthKeeping(verification)) {
		await keepMeasured(
			host,
			target,
			verification.checks.flatMap((check) => measuredBy(check, run)),
		);
	}
};
