import type { FollowedRun, Workspace } from './workspace.ts';

/** What is on top of the screen. */
export interface HintsSeen {
	readonly place: 'dashboard' | 'procedure' | 'undo' | 'retry' | 'run' | 'checks' | 'container' | 'runs' | 'logs';
	/** The procedure that is being planned. */
	readonly procedure?: string;
	/** The run that is shown, or is in the dashboard's output pane. */
	readonly run?: FollowedRun;
}

/** Says in one line what to try next, from what is shown and what the readings say; asked again whenever they change. */
export type Guide = (workspace: Workspace, seen: HintsSeen) => string;
