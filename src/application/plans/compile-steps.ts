import type { EngineShell } from '../../engine/shell.ts';
import { type PlanStep, preconditionStepId } from '../../runbook/plan.ts';
import { isEmergency } from '../../runbook/risk.ts';
import type { ProcedureDefinition } from '../../runbook/runbook.ts';
import { emergencyRestorePoint, restorePointStep } from '../../services/runner/restore-point/restore-point.ts';
import { approvalSteps } from './approval-step.ts';

/** The built-in first step: it checks the preconditions again, under the lock. */
export const preconditionStep = (
	procedure: { readonly preconditions: readonly { readonly id: string; readonly script: string }[] },
	grounded = false,
): PlanStep => ({
	id: preconditionStepId,
	title: 'Repeat the pre-flight checks',
	kind: 'run',
	summary: `Changes nothing; if one is not met now, the run stops: ${procedure.preconditions.map(({ id }) => id).join(', ')}.`,
	timeoutSeconds: 120,
	script: [
		'failed=0',
		...(grounded ? [`echo '── ground'\nground_holds || exit 1`] : []),
		...procedure.preconditions.map(
			({ id, script }) =>
				`echo '── ${id}'\n(\n${script.trimEnd()}\n) || { failed=1; echo 'not met: nothing was changed'; }`,
		),
		'exit "$failed"',
	].join('\n'),
});

/** The part of a restore point that is git's and the files'; the engine's follows. */
const gitSaved =
	'the commit and branch, local changes (as a commit under refs/backout), files that the plan would overwrite and git does not have';

/** The built-in step that saves a restore point. */
export const saveRestorePointStep = (shell: EngineShell): PlanStep => ({
	...restorePointStep(shell),
	summary: `Saves what an undo needs: ${gitSaved}, ${shell.restorePoint.words.all}. If it cannot, the run stops.`,
});

/** Adds the steps before and after a procedure's own ones that make an undo possible. */
const restorePointSteps = (
	shell: EngineShell,
	procedure: ProcedureDefinition,
): { readonly before: readonly PlanStep[]; readonly after: readonly PlanStep[] } => {
	if (!procedure.restorePoint) {
		return { before: [], after: [] };
	}
	if (!isEmergency(procedure)) {
		return { before: [saveRestorePointStep(shell)], after: [] };
	}
	const { first, rest } = emergencyRestorePoint(shell);
	const { noted, later } = shell.restorePoint.words;
	return {
		before: [{ ...first, summary: `${noted}.` }],
		after: [
			{
				...rest,
				summary: `Saves ${later}. The stop does not wait for it.`,
			},
		],
	};
};

/** Returns all steps of a plan: the procedure's own, and those that are built in before and after. */
export const compileSteps = (
	shell: EngineShell,
	procedure: ProcedureDefinition,
	grounded: boolean,
): readonly PlanStep[] => {
	const own = procedure.steps.map(
		({ id, title, summary, kind, script, text, timeoutMs, intervalMs, mayFail }): PlanStep => ({
			id,
			title,
			kind,
			script,
			...(summary !== undefined && { summary }),
			...(text !== undefined && { text }),
			timeoutSeconds: Math.ceil(timeoutMs / 1000),
			...(intervalMs !== undefined && { intervalSeconds: Math.max(1, Math.round(intervalMs / 1000)) }),
			...(mayFail && { mayFail }),
		}),
	);
	const saving = restorePointSteps(shell, procedure);
	return own.length === 0
		? []
		: [
				...approvalSteps(procedure),
				...(procedure.preconditions.length > 0 || grounded ? [preconditionStep(procedure, grounded)] : []),
				...saving.before,
				...own,
				...saving.after,
			];
};
