import type { Runbook } from '../../runbook/runbook.ts';
import { checkKindOf } from '../../services/checks/check-kinds.ts';

/** Returns the ids of the procedures that stop something on purpose: after them, checks fail that usually pass. */
export const stopsOnPurpose = ({ checks, procedures }: Pick<Runbook, 'checks' | 'procedures'>): ReadonlySet<string> => {
	const wantStopped = new Set(checks.filter((check) => checkKindOf(check).wantsStopped === true).map(({ id }) => id));
	return new Set(procedures.filter(({ verify }) => verify.some((id) => wantStopped.has(id))).map(({ id }) => id));
};
