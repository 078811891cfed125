import type { ResolvedInput } from '../../runbook/plan.ts';
import type { ProcedureDefinition, StepDefinition } from '../../runbook/runbook.ts';
import { quote } from '../../runbook/shell-quote.ts';
import { blockedFunctions } from '../../services/runner/blocked/blocks.ts';
import blockedAfter from './blocked-after.sh';
import notBlocked from './not-blocked.sh';

/** The step that judges what was deployed. */
const judgingStep: StepDefinition = {
	id: 'not-blocked',
	title: 'No blocked version is deployed',
	kind: 'run',
	script: `${blockedFunctions}\n${blockedAfter}`,
	summary: 'Changes nothing. Fails if what runs now is blocked.',
	timeoutMs: 60_000,
	mayFail: false,
};

/**
 * Returns a deployment by a command of the runbook with the precondition of `with-lock`, and with a last step: the version that it deploys
 * is known only afterwards, but neither what its steps and inputs name nor what it has deployed may be blocked.
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
	return { ...procedure, preconditions: [...preconditions, check], steps: [...steps, judgingStep] };
};
