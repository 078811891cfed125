import type { Binding } from '../../components/keymap/bindings.ts';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { cycled } from '../../components/scroll.ts';
import { useReadable } from '../../components/use-readable.ts';
import type { Run } from '../../runbook/run.ts';
import { createStore } from '../../stores/store.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { type Navigation, useNavigation } from '../navigation.ts';
import { type ContainerOrder, containerOrders } from './containers-rows.ts';
import { type Content, type Layout, panelIds } from './layout.ts';
import { type DashboardModel, type DashboardState, menuSelection, selectedCheck } from './model.ts';
import { moveIn } from './move.ts';

export interface DashboardKeys {
	readonly workspace: Workspace;
	readonly model: DashboardModel;
	readonly layout: Layout;
	readonly content: Content;
	readonly active: boolean;
	readonly onFilter: () => void;
}

const noRun = createStore<{ readonly state: Run['state'] }>({ state: 'succeeded' });

/** Binds the keys of the dashboard. None of them changes anything on the host. */
export const useDashboardKeys = ({ workspace, model, layout, content, active, onFilter }: DashboardKeys): void => {
	const navigation = useNavigation();
	const state = () => model.state.get();
	const focus = state().focus;

	const isGoingOn = useReadable<{ readonly state: Run['state'] }>(state().run?.run ?? noRun).state === 'running';
	const matching = focus === 'procedures' && state().filter !== '';

	const move = (by: number) => moveIn(focus, by, { workspace, model, layout, content });
	const page = () => Math.max(1, (layout.panels[focus]?.height ?? 10) - 2);
	const toMatch = (by: number) => {
		const { ids, selected } = menuSelection(workspace, state());
		model.change({ procedure: cycled(ids, selected, by) });
	};
	const cycle = (by: number) => {
		const shown = panelIds.filter((id) => layout.panels[id] !== undefined || layout.mode !== 'wide');
		const at = shown.indexOf(focus);
		model.change({ focus: shown[(at + by + shown.length) % shown.length] ?? focus, scroll: 0 });
	};
	const open = () => openSelected(workspace, model, navigation);
	useBindings(
		[
			{ keys: ['enter'], label: openLabel(state()), run: open },
			{ keys: ['l'], label: 'logs', run: () => openLogs(model, navigation) },
			{
				keys: ['d'],
				label: 'details of the container',
				hidden: true,
				run: () => openContainer(model, navigation),
			},
			{ keys: ['r'], label: 'runs', run: () => navigation.go({ kind: 'runs' }) },
			{
				keys: ['q'],
				label: state().zoomed ? 'back' : 'quit',
				run: () => {
					if (state().zoomed) {
						model.change({ zoomed: false });
					} else {
						navigation.leave();
					}
				},
			},
			{
				keys: ['X'],
				label: 'cancel the run',
				hidden: !isGoingOn,
				run: () => {
					if (!isGoingOn) {
						navigation.tell('No run is in progress.');
						return;
					}
					const { run } = state();
					if (run !== undefined) {
						navigation.open({ kind: 'cancel', run: run.id, title: run.run.get().plan.title });
					}
				},
			},
			{
				keys: ['esc'],
				label: 'back',
				hidden: !(state().zoomed || state().filter !== ''),
				run: () => model.change(state().zoomed ? { zoomed: false } : { filter: '' }),
			},
			{ keys: ['/'], label: 'filter', when: focus === 'procedures', run: onFilter },
			{ keys: ['n'], label: 'next match', when: matching, run: () => toMatch(1) },
			{ keys: ['N'], label: 'previous match', when: matching, run: () => toMatch(-1) },
			{
				keys: ['o'],
				label: 'order',
				when: focus === 'containers',
				run: () => model.change({ order: cycled(containerOrders, state().order, 1) as ContainerOrder }),
			},
			// Not in the row: all that is shown is live, and the row has room for keys that lead somewhere.
			{ keys: ['R'], label: 'refresh', group: 'Program', run: () => refresh(workspace, navigation.tell) },
			{
				keys: ['f'],
				label: focus === 'output' && state().zoomed ? 'leave full screen' : 'full output',
				group: 'Output',
				run: () => model.change({ focus: 'output', zoomed: !(focus === 'output' && state().zoomed) }),
			},
			{ keys: ['+'], label: state().zoomed ? 'unzoom' : 'zoom', run: () => model.change({ zoomed: !state().zoomed }) },
			{ keys: ['h'], label: 'history', run: () => navigation.go({ kind: 'history' }) },
			...moveBindings(move, page),
			{ keys: ['tab'], label: 'next panel', group: 'Move', run: () => cycle(1) },
			{ keys: ['shift-tab'], label: 'previous panel', group: 'Move', run: () => cycle(-1) },
			...panelIds.slice(0, 9).map((id, index) => ({
				keys: [String(index + 1)],
				label: `to ${id}`,
				group: 'Move',
				// A panel without room fills the screen instead: keys would seem dead in an invisible one.
				run: () =>
					model.change({
						focus: id,
						scroll: 0,
						...(layout.mode === 'wide' && layout.panels[id] === undefined && { zoomed: true }),
					}),
			})),
		],
		{ active, typeAhead: true },
	);
};

/** Returns the keys that move in the focused panel. */
const moveBindings = (move: (by: number) => void, page: () => number): readonly Binding[] => [
	{ keys: ['j', 'down'], label: 'down', group: 'Move', run: () => move(1) },
	{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => move(-1) },
	{ keys: ['g', 'home'], label: 'to the top', group: 'Move', run: () => move(-1e6) },
	{ keys: ['G', 'end'], label: 'to the end', group: 'Move', run: () => move(1e6) },
	{ keys: ['pageDown', 'ctrl-f'], label: 'a page down', group: 'Move', run: () => move(page()) },
	{ keys: ['pageUp', 'ctrl-b'], label: 'a page up', group: 'Move', run: () => move(-page()) },
	{ keys: ['ctrl-d'], label: 'half a page down', group: 'Move', run: () => move(Math.ceil(page() / 2)) },
	{ keys: ['ctrl-u'], label: 'half a page up', group: 'Move', run: () => move(-Math.ceil(page() / 2)) },
];

const openLogs = (model: DashboardModel, navigation: Navigation): void => {
	const service = model.service();
	if (service === undefined) {
		navigation.tell('No container is known yet: there is no log to show.');
	} else {
		navigation.go({ kind: 'logs', services: [service] });
	}
};

const openContainer = (model: DashboardModel, navigation: Navigation): void => {
	const name = model.container();
	if (name === undefined) {
		navigation.tell('No container is known yet: there is nothing to describe.');
	} else {
		navigation.go({ kind: 'container', name });
	}
};

/** Opens the selected item of the focused panel, as `openLabel` says. */
const openSelected = (workspace: Workspace, model: DashboardModel, navigation: Navigation): void => {
	const state = model.state.get();
	switch (state.focus) {
		case 'procedures': {
			const { selected } = menuSelection(workspace, state);
			if (selected !== undefined) {
				navigation.go({ kind: 'procedure', procedure: selected });
			}
			return;
		}
		case 'containers': {
			openContainer(model, navigation);
			return;
		}
		case 'output':
			if (state.run !== undefined) {
				navigation.go({ kind: 'run', run: state.run });
			}
			return;
		case 'checks': {
			const check = selectedCheck(workspace, state);
			navigation.go({ kind: 'checks', ...(check !== undefined && { check }) });
			return;
		}
		default:
			model.change({ zoomed: true });
	}
};

const openLabel = ({ focus, run, zoomed }: DashboardState): string => {
	switch (focus) {
		case 'procedures':
			return 'open plan';
		case 'containers':
			return 'details';
		case 'output':
			return run === undefined ? '' : 'open run';
		case 'checks':
			return 'evidence';
		case 'health':
		case 'metrics':
			return zoomed ? '' : 'charts';
		default:
			return zoomed ? '' : 'zoom';
	}
};

const refresh = (workspace: Workspace, tell: (text: string) => void) => {
	workspace.actions.refresh();
	tell('Refreshing…');
};
