import { useMemo } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { paneMoves } from '../../components/pane-keys.ts';
import { useReadable } from '../../components/use-readable.ts';
import type { LogView } from '../../stores/log-view.ts';
import type { Workspace } from '../../stores/workspace.ts';
import { useNavigation } from '../navigation.ts';
import { outputBindings, useCopying } from '../use-output-keys.ts';
import type { LogDialog } from './log-dialogs.tsx';
import type { LogActions } from './use-log-actions.ts';

export interface LogKeys {
	readonly workspace: Workspace;
	readonly view: LogView;
	readonly actions: LogActions;
	readonly full: boolean;
	readonly setFull: (full: boolean) => void;
	readonly setPrompt: (prompt: 'search' | 'filter') => void;
	readonly setDialog: (dialog: LogDialog) => void;
	readonly active: boolean;
}

/** The keys of the log screen. */
export const useLogKeys = ({ workspace, view, actions, active, ...screen }: LogKeys): void => {
	const { full, setFull, setPrompt, setDialog } = screen;
	const navigation = useNavigation();
	const copy = useCopying(view.pane);
	const { filter, search, error } = useReadable(view.state);
	const isSearching = search !== undefined || error !== undefined;
	const leave = () => {
		if (isSearching) {
			void view.search(undefined);
		} else if (filter !== undefined) {
			view.filter(undefined);
		} else if (full) {
			setFull(false);
		} else {
			navigation.back();
		}
	};
	const leaveLabel = isSearching ? 'end the search' : filter === undefined ? 'back' : 'end the filter';
	useBindings(
		[
			{ keys: ['&'], label: 'filter', run: () => setPrompt('filter') },
			{ keys: ['/'], label: 'search', run: () => setPrompt('search') },
			{ keys: ['e'], label: 'next error', run: () => actions.toError(1) },
			{ keys: ['E'], label: 'error before', run: () => actions.toError(-1) },
			{ keys: ['S'], label: 'since', run: () => setDialog('since') },
			{ keys: ['l'], label: 'services', run: () => setDialog('services') },
			{ keys: ['m'], label: 'mark', run: () => view.mark() },
			{ keys: ["'"], label: 'to the mark', run: () => actions.toMark() },
			{ keys: ['n'], label: 'next match', when: search !== undefined, run: () => actions.toMatch(1) },
			{ keys: ['N'], label: 'match before', when: search !== undefined, run: () => actions.toMatch(-1) },
			{ keys: ['f', '+'], label: full ? 'leave full screen' : 'full screen', run: () => setFull(!full) },
			{ keys: ['esc'], label: leaveLabel, run: leave },
			{ keys: ['q'], label: 'back', hidden: true, run: navigation.back },
			{ keys: ['R'], label: 'refresh', hidden: true, run: () => workspace.actions.refresh() },
		],
		{ active },
	);
	const moves = useMemo(() => paneMoves(view.pane), [view]);
	const save = () => (filter === undefined ? actions.save('all') : setDialog('save'));
	useBindings([...moves, ...outputBindings(save, copy)], { layer: 'panel', active });
};
