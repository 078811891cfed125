import type { CheckResult } from '../../runbook/check.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { checkKinds } from './check-kinds.ts';

/** Checks that failed when watching began: the deployment need not be the cause. */
export interface FailedBefore {
	/**
	 * Takes check results; returns the ids of checks that have failed since their first result, and do not decide alone.
	 *
	 * @param brokeBefore true when everything that a check complains about is older than the deployment, by the host's records
	 */
	look(checks: readonly CheckResult[], brokeBefore?: (id: string) => boolean): ReadonlySet<string>;
}

/**
 * Remembers which checks failed at their first definite result. One that passes later counts like any other afterwards. Checks that show
 * whether a deployment is up at all always count, unless the host's own records say that the failure is older than the deployment, and only
 * while nothing newer fails as well.
 */
export const createFailedBefore = (definitions: readonly Pick<CheckDefinition, 'id' | 'kind'>[]): FailedBefore => {
	const decisive = new Set(definitions.filter(({ kind }) => checkKinds[kind]?.decisive === true).map(({ id }) => id));
	const looked = new Set<string>();
	const failing = new Set<string>();
	return {
		look: (checks, brokeBefore = () => false) => {
			for (const { id, state } of checks) {
				if (state === 'passed' || (state === 'failed' && decisive.has(id))) {
					failing.delete(id);
				}
				if (state === 'failed' && (decisive.has(id) ? brokeBefore(id) : !looked.has(id))) {
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
