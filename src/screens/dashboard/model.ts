import { type History, recordHistory } from '../../stores/history.ts';
import { createStore, type Readable } from '../../stores/store.ts';
import type { FollowedLog, FollowedRun, Workspace } from '../../stores/workspace.ts';
import { type ContainerOrder, orderContainers } from './containers-rows.ts';
import type { PanelId } from './layout.ts';
import { menuIds, menuItems } from './menu-rows.ts';

export interface DashboardState {
	readonly focus: PanelId;
	readonly zoomed: boolean;
	/** Name of the selected container; by identity, so that the selection stays when the order changes. */
	readonly container: string | undefined;
	readonly procedure: string | undefined;
	/** Id of the selected check. */
	readonly check: string | undefined;
	/** Number of rows of the focused panel above the visible ones, if it is a list without a selection. */
	readonly scroll: number;
	/** The order of the containers. */
	readonly order: ContainerOrder;
	/** The filter of the menu. */
	readonly filter: string;
	/** The log in the output pane. */
	readonly log: FollowedLog | undefined;
	readonly run: FollowedRun | undefined;
}

/** The state of the dashboard that outlives other screens on top of it. */
export interface DashboardModel {
	readonly state: Readable<DashboardState>;
	/** The readings since it was opened. */
	readonly history: History;
	change(next: Partial<DashboardState>): void;
	/** Follows a service's log in the output pane, in place of the last one. */
	followLog(service: string): void;
	/** Shows a run in the output pane, in place of the last one, and of the log. */
	followRun(run: FollowedRun): void;
	/** Stops following the run; it keeps running on the host. */
	leaveRun(): void;
	/** Returns the name of the selected container: the one the operator chose, else the one in the worst state. */
	container(): string | undefined;
	/** Returns the service of the selected container. */
	service(): string | undefined;
	/** Closes the log while another target is shown; a run is still followed. */
	suspend(): void;
	/** Follows the log again after `suspend`. */
	resume(): void;
	/** Closes everything that is followed. */
	close(): void;
}

/** Creates the state of one target's dashboard. The menu has the focus: the next Enter opens the suggestion. */
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
	const history = recordHistory(workspace.readings, (signal) =>
		workspace.actions.history(signal).then(({ deployments }) => deployments),
	);
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

/** Returns the menu's procedures in order, and the selected one: the operator's choice, else the first. */
export const menuSelection = (workspace: Workspace, state: DashboardState): { ids: string[]; selected?: string } => {
	const ids = menuIds(menuItems(workspace.procedures, workspace.readings.suggestion.get(), state.filter));
	const selected = state.procedure !== undefined && ids.includes(state.procedure) ? state.procedure : ids[0];
	return { ids, ...(selected === undefined ? {} : { selected }) };
};

export const checkIds = ({ readings }: Workspace): string[] =>
	readings.verification.get()?.checks.map(({ id }) => id) ?? [];

/** Returns the selected check: the operator's choice, else the first that does not pass, else the first. */
export const selectedCheck = ({ readings }: Workspace, { check }: DashboardState): string | undefined => {
	const checks = readings.verification.get()?.checks ?? [];
	return (checks.find(({ id }) => id === check) ?? checks.find(({ state }) => state !== 'passed') ?? checks[0])?.id;
};
