import { staleWhenLost } from '../stores/stale-when-lost.ts';
import type { FollowedRun, Workspace } from '../stores/workspace.ts';
import { createDashboardModel, type DashboardModel } from './dashboard/model.ts';
import type { Route } from './navigation.ts';

/** The state of a target's screens while another target is shown. Its run is still followed and verified. */
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

/** Returns the screens to which an operator can return. A plan is made again: one from before the change of target is out of date. */
export const lasting = (stack: readonly Route[]): readonly Route[] =>
	stack.filter(({ kind }) => kind !== 'procedure' && kind !== 'undo' && kind !== 'retry');
