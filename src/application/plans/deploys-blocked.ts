import type { ResolvedInput } from '../../runbook/plan.ts';
import type { ProcedureDefinition } from '../../runbook/runbook.ts';
import { quote } from '../../runbook/shell-quote.ts';
import { blockedFunctions } from '../../services/runner/blocked/blocks.ts';
import notBlocked from './not-blocked.sh';

/**
 * Returns a deployment by a command of the runbook with the precondition of `with-lock`: the version that it deploys is known only
 * afterwards, but neither what runs nor what its steps and inputs name may be blocked.
 */
export const withBlockCheck = (
	procedure: ProcedureDefinition,
	inputs: readonly Pick<ResolvedInput, 'value'>[],
): ProcedureDefinition => {
	const { kind, expects, steps, preconditions } = procedure;
	if (kind !== 'deploy' || expects?.commit !== undefined || expects?.image !== undefined) {
		return procedure;
	}
	const words = [...steps.map(({ script }) => script), ...inputs.map(({ value }) => value)].map(quote).join(' ');
	const check = {
		id: 'not-blocked',
		title: 'No blocked version is deployed',
		script: `locked_command=${quote(words)}\n${blockedFunctions}\n${notBlocked}`,
	};
	return { ...procedure, preconditions: [...preconditions, check] };
};
