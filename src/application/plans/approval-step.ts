import { approvalStepId, type PlanStep } from '../../runbook/plan.ts';
import type { ProcedureDefinition } from '../../runbook/runbook.ts';

/** Returns the built-in step that waits for another operator's approval; none if the procedure needs none. */
export const approvalSteps = ({ approve }: Pick<ProcedureDefinition, 'approve'>): readonly PlanStep[] =>
	approve === undefined
		? []
		: [
				{
					id: approvalStepId,
					title: 'Approval by another operator',
					kind: 'approval',
					script: '',
					text: 'Another operator must approve this plan: backout approve RUN',
					summary: 'Changes nothing. The lock is held meanwhile; if nobody approves in time, the run ends here.',
					timeoutSeconds: Math.ceil(approve.withinMs / 1000),
				},
			];
