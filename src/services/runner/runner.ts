// The runner as the rest of the program sees it; what is not named here is its own affair.
export { gapNotice } from '../../runbook/output-gap.ts';
export { appendFact, appendReadings, appendVerdict } from './client/append-verdict.ts';
export { approveRun } from './client/approve-run.ts';
export { type Cancelled, type CancelOptions, cancelRun } from './client/cancel.ts';
export { type AnswerOptions, completeStep } from './client/complete-manual-step.ts';
export { type FollowOptions, followRun } from './client/follow-run.ts';
export { lockHolder } from './client/lock.ts';
export { type OutputPiece, outputPieces, readOutput } from './client/output.ts';
export { listRuns, readRun } from './client/read-runs.ts';
export { revokeStart } from './client/revoke-start.ts';
export { isNoSuchRun, runGone } from './client/run-errors.ts';
export { isRunId, newRunId } from './client/run-id.ts';
export { listShells, noteShell } from './client/shells.ts';
export { type StartOptions, startRun } from './client/start-run.ts';
export { stepHistory } from './client/step-history.ts';
export type { StateOptions } from './host/state-folder.ts';
export { emergencyRestorePoint, restorePointStep } from './restore-point/restore-point.ts';
