import type { FollowedRun, Workspace } from './workspace.ts';

/** The contents of the screen. */
export interface HintsSeen {
	readonly place: 'dashboard' | 'procedure' | 'undo' | 'retry' | 'run' | 'checks' | 'container' | 'runs' | 'logs';
	/** The procedure that is being planned. */
	readonly procedure?: string;
	/** The run that is shown, or is in the dashboard's output pane. */
	readonly run?: FollowedRun;
}

/** Suggests in one line what to try next, from the screen and the readings; called again whenever they change. */
export type Guide = (workspace: Workspace, seen: HintsSeen) => string;
