// The runner as the rest of the program sees it; what is not named here is its own affair.
export { gapNotice } from '../../runbook/output-gap.ts';
export { type AnswerOptions, answerStep } from './answer.ts';
export { type Cancelled, type CancelOptions, cancelRun } from './cancel.ts';
export { isNoSuchRun, runGone } from './failure.ts';
export { type FollowOptions, followRun } from './follow.ts';
export { lockHolder } from './lock.ts';
export { type OutputPiece, outputPieces, readOutput } from './output.ts';
export { pastSteps } from './past-steps.ts';
export { listRuns, readRun } from './read.ts';
export { restorePointStep } from './restore-point.ts';
export { isRunId, newRunId } from './run-id.ts';
export { type StartOptions, startRun } from './start.ts';
export type { StateOptions } from './state-folder.ts';
export { appendReadings, appendVerdict } from './verdict.ts';
export { withdrawStart } from './withdraw.ts';
