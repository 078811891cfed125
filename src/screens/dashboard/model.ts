import { type History, recordHistory } from '../../stores/history.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import type { FollowedLog, FollowedRun, Workspace } from '../../stores/workspace.ts';
import { type ContainerOrder, orderContainers } from './containers-rows.ts';
import type { PanelId } from './layout.ts';
import { menuIds, menuItems } from './menu-rows.ts';

export interface DashboardState {
	readonly focus: PanelId;
	readonly zoomed: boolean;
	/** Name of the selected container; by identity, so that it stays the same one whatever moves around it. */
	readonly container: string | undefined;
	readonly procedure: string | undefined;
	/** Id of the selected check. */
	readonly check: string | undefined;
	/** Rows of the focused panel above what is shown, where it is a list without a selection. */
	readonly scroll: number;
	/** What the containers are ordered by. */
	readonly order: ContainerOrder;
	/** What the menu is filtered by. */
	readonly filter: string;
	/** What the output pane shows. */
	readonly log: FollowedLog | undefined;
	readonly run: FollowedRun | undefined;
}

/** What the dashboard remembers while other screens are on top of it. */
export interface DashboardModel {
	readonly state: Readable<DashboardState>;
	/** What was read since it was opened. */
	readonly history: History;
	change(next: Partial<DashboardState>): void;
	/** Follows a service's log in the output pane; the one before is let go. */
	followLog(service: string): void;
	/** Shows a run in the output pane; the one before is let go, the log too. */
	followRun(run: FollowedRun): void;
	/** Stops following the run; it goes on on the host. */
	leaveRun(): void;
	/** The name of the selected container: the one the operator chose, else the worst. */
	container(): string | undefined;
	/** The service of the selected container. */
	service(): string | undefined;
	/** Lets go of the log while another target is shown; a run is followed on. */
	suspend(): void;
	/** Follows the log again that was let go. */
	resume(): void;
	/** Lets go of everything followed. */
	close(): void;
}

/** The state of one target's dashboard. The menu has the focus: the next Enter opens what is suggested. */
export const createDashboardModel = (
	workspace: Workspace,
	/** Called with each run that is shown. */
	onRun?: (run: FollowedRun) => void,
): DashboardModel => {
	const state = createStore<DashboardState>({
		focus: 'procedures',
		zoomed: false,
		container: undefined,
		procedure: undefined,
		check: undefined,
		scroll: 0,
		order: 'usual',
		filter: '',
		log: undefined,
		run: undefined,
	});
	const change = (next: Partial<DashboardState>) => state.update((now) => ({ ...now, ...next }));
	const selected = () => {
		const list = workspace.readings.containers.get().value ?? [];
		return list.find(({ name }) => name === state.get().container) ?? orderContainers(list, 0)[0];
	};
	const history = recordHistory(workspace.readings);
	let letGo: string | undefined;
	const followLog = (service: string) => {
		state.get().log?.close();
		change({ log: workspace.actions.followLog(service) });
	};
	return {
		state,
		history,
		change,
		followLog,
		suspend: () => {
			letGo = state.get().log?.service;
			state.get().log?.close();
			change({ log: undefined });
		},
		resume: () => {
			if (letGo !== undefined) {
				followLog(letGo);
			}
		},
		followRun: (run) => {
			onRun?.(run);
			const { log, run: before } = state.get();
			log?.close();
			if (before !== run) {
				before?.close();
			}
			change({ log: undefined, run });
		},
		leaveRun: () => {
			state.get().run?.close();
			change({ run: undefined });
		},
		container: () => selected()?.name,
		service: () => selected()?.service,
		close: () => {
			history.close();
			state.get().log?.close();
			state.get().run?.close();
			change({ log: undefined, run: undefined });
		},
	};
};

/** The menu's procedures in their order, and the one that is selected: what the operator chose, else the first. */
export const menuSelection = (workspace: Workspace, state: DashboardState): { ids: string[]; selected?: string } => {
	const ids = menuIds(menuItems(workspace.procedures, workspace.readings.suggestion.get(), state.filter));
	const selected = state.procedure !== undefined && ids.includes(state.procedure) ? state.procedure : ids[0];
	return { ids, ...(selected === undefined ? {} : { selected }) };
};

export const checkIds = ({ readings }: Workspace): string[] =>
	readings.verification.get()?.checks.map(({ id }) => id) ?? [];

/** The check that is selected: what the operator chose, else the first that does not pass, else the first. */
export const selectedCheck = ({ readings }: Workspace, { check }: DashboardState): string | undefined => {
	const checks = readings.verification.get()?.checks ?? [];
	return (checks.find(({ id }) => id === check) ?? checks.find(({ state }) => state !== 'passed') ?? checks[0])?.id;
};
