import type { RunSummary } from '../../runbook/run.ts';
import type { ProcedureSummary } from '../../stores/workspace.ts';

/** True when an ended run may be undoable: only the host knows for certain. */
export const mayUndo = (
	{ procedure, state, pruned }: Pick<RunSummary, 'procedure' | 'state' | 'pruned'>,
	procedures: readonly ProcedureSummary[],
): boolean =>
	state !== 'running' && pruned === undefined && procedures.find(({ id }) => id === procedure)?.undoable !== false;
