import type { RunSummary } from '../../runbook/run.ts';
import type { ProcedureSummary } from '../../stores/workspace.ts';

/** Whether a run that has ended may have a way back: only the host knows for sure. */
export const mayUndo = (
	{ procedure, state, pruned }: Pick<RunSummary, 'procedure' | 'state' | 'pruned'>,
	procedures: readonly ProcedureSummary[],
): boolean =>
	state !== 'running' && pruned === undefined && procedures.find(({ id }) => id === procedure)?.undoable !== false;
