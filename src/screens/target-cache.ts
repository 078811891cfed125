import { staleWhenLost } from '../stores/stale-when-lost.ts';
import type { FollowedRun, Workspace } from '../stores/workspace.ts';
import { createDashboardModel, type DashboardModel } from './dashboard/model.ts';
import type { Route } from './navigation.ts';

/** What is kept of a target's screens while another target is shown. A run goes on being followed, and is verified. */
export interface TargetCache {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	stack: readonly Route[];
}

export const createTargetCache = (
	workspace: Workspace,
	/** Called with each run that is shown. */
	onRun?: (run: FollowedRun) => void,
): TargetCache => {
	const shown = staleWhenLost(workspace);
	return { workspace: shown, model: createDashboardModel(shown, onRun), stack: [] };
};

/** The places that one comes back to. A plan is made anew: one that was made before another target was looked at is old. */
export const lasting = (stack: readonly Route[]): readonly Route[] =>
	stack.filter(({ kind }) => kind !== 'procedure' && kind !== 'undo' && kind !== 'retry');
