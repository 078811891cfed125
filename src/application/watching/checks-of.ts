import { BackoutError } from '../../runbook/errors.ts';
import type { CheckDefinition, Target } from '../../runbook/runbook.ts';

/** Returns the definitions of checks by id, in the given order. Throws `usage` with the known ids. */
export const checksOf = (target: Target, ids: readonly string[]): readonly CheckDefinition[] =>
	ids.map((id) => {
		const found = target.runbook.checks.find((check) => check.id === id);
		if (found === undefined) {
			throw new BackoutError('usage', `the runbook of ${target.name} has no check ${JSON.stringify(id)}`, {
				next: `it has: ${target.runbook.checks.map((check) => check.id).join(', ')}`,
			});
		}
		return found;
	});
