import type { CheckResult } from '../../runbook/check.ts';
import type { CheckDefinition } from '../../runbook/runbook.ts';
import { checkKinds } from './check-kinds.ts';

/** The checks that were wrong when watching began: the deployment need not be their cause. */
export interface FailedBefore {
	/**
	 * Takes what was seen; gives the ids of checks that have failed since the first look at them, and alone decide nothing.
	 *
	 * @param brokeBefore whether all that a check finds wrong now has been so since before the deployment, by the host's records
	 */
	look(checks: readonly CheckResult[], brokeBefore?: (id: string) => boolean): ReadonlySet<string>;
}

/**
 * Remembers which checks failed at the first look that said anything. One that passes later counts like any other from
 * then on. Those that show whether a deployment is up at all count always, unless the host's own records say that what is
 * wrong is older than the deployment, and for as long as nothing newer is wrong beside it.
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
