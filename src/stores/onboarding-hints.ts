import type { FollowedRun, Workspace } from './workspace.ts';

/** What the screen of a procedure asks for: a choice, to read the plan, `y`, the target's name; nothing of a refused plan. */
export type PlanningStage = 'choice' | 'plan' | 'refused' | 'confirm' | 'confirm-by-name' | 'starting';

/** The contents of the screen. */
export interface HintsSeen {
	readonly place:
		| 'dashboard'
		| 'procedure'
		| 'undo'
		| 'retry'
		| 'run'
		| 'checks'
		| 'container'
		| 'runs'
		| 'history'
		| 'logs';
	/** The procedure that is being planned. */
	readonly procedure?: string;
	/** How far the planning of a procedure, an undo or a retry is; undefined while the host is read. */
	readonly stage?: PlanningStage;
	/** The run that is shown, or is in the dashboard's output pane. */
	readonly run?: FollowedRun;
}

/** Suggests in one line what to try next, from the screen and the readings; called again whenever they change. */
export type Guide = (workspace: Workspace, seen: HintsSeen) => string;
