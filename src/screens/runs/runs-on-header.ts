import type { RunSummary } from '../../runbook/run.ts';
import type { ProcedureSummary } from '../../stores/workspace.ts';
import type { HeaderFacts } from '../dashboard/header-rows.ts';

/** What the runs of the journal, the newest first, have to say in the second row of every screen. */
export const runsOnHeader = (
	runs: readonly RunSummary[],
	procedures: readonly ProcedureSummary[],
): Pick<HeaderFacts, 'waiting' | 'running' | 'stoppedBy'> => {
	const running = runs.find(({ state }) => state === 'running')?.title;
	const [newest] = runs;
	const stops =
		newest?.state === 'succeeded' && procedures.some(({ id, stops: does }) => id === newest.procedure && does === true);
	return {
		waiting: runs.some(({ waits }) => waits !== undefined),
		...(running !== undefined && { running }),
		...(stops && { stoppedBy: newest.title }),
	};
};
