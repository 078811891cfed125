import type { CheckResult } from '../../runbook/check.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { checkKinds } from './check-kinds.ts';

/** The checks that were wrong when watching began: the deployment need not be their cause. */
export interface FailedBefore {
	/** Takes what was seen; gives the ids of checks that have failed since the first look at them, and alone decide nothing. */
	look(checks: readonly CheckResult[]): ReadonlySet<string>;
}

/**
 * Remembers which checks failed at the first look that said anything. One that passes later counts like any other from
 * then on. Those that show whether a deployment is up at all count always.
 */
export const createFailedBefore = (definitions: readonly Pick<CheckDefinition, 'id' | 'kind'>[]): FailedBefore => {
	const mayStand = new Set(definitions.filter(({ kind }) => checkKinds[kind]?.decisive !== true).map(({ id }) => id));
	const looked = new Set<string>();
	const failing = new Set<string>();
	return {
		look: (checks) => {
			for (const { id, state } of checks) {
				if (state === 'passed') {
					failing.delete(id);
				} else if (state === 'failed' && mayStand.has(id) && !looked.has(id)) {
					failing.add(id);
				}
				if (state !== 'unknown') {
					looked.add(id);
				}
			}
			return failing;
		},
	};
};
