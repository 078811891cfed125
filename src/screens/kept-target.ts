import type { Workspace } from '../stores/workspace.ts';
import { createDashboardModel, type DashboardModel } from './dashboard/model.ts';
import type { Place } from './navigation.ts';

/** What is kept of a target's screens while another target is shown. A run goes on being followed, and is verified. */
export interface KeptTarget {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	stack: readonly Place[];
}

export const createKeptTarget = (workspace: Workspace): KeptTarget => ({
	workspace,
	model: createDashboardModel(workspace),
	stack: [],
});

/** The places that one comes back to. A plan is made anew: one that was made before another target was looked at is old. */
export const lasting = (stack: readonly Place[]): readonly Place[] =>
	stack.filter(({ kind }) => kind !== 'procedure' && kind !== 'undo' && kind !== 'retry');
