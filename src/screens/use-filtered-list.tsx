import { type ReactNode, useState } from 'react';
import type { Binding } from '../components/keymap/bindings.ts';
import { type Line, span } from '../components/line.ts';
import { useListMouse } from '../components/mouse/use-list-mouse.ts';
import type { Rect } from '../components/panel.ts';
import { cycled, moved } from '../components/scroll.ts';
import { matches } from './dashboard/menu-rows.ts';
import { FilterKeys } from './filter-keys.tsx';
import { listMoves } from './list-moves.ts';
import { useNavigation } from './navigation.ts';

/** A list on the whole screen, newest first, with a filter and a selection. */
export interface FilteredList<T> {
	/** The items that match the filter. */
	readonly shown: readonly T[];
	/** The selected item, and its id; undefined for an empty list. */
	readonly current: T | undefined;
	readonly selected: string | undefined;
	readonly filter: string;
	/** The filter as it is shown while there is one. */
	readonly prompt: Line | undefined;
	/** The keys that filter, move, refresh and lead back. */
	readonly keys: readonly Binding[];
	/** Takes what is typed as the filter, while the operator types it; to be rendered. */
	readonly filterKeys: ReactNode;
}

/**
 * Filters and selects; binds the mouse, while the caller binds `keys`.
 *
 * @param items newest first; `textOf` is the text that the filter is compared with
 */
export const useFilteredList = <T,>(
	items: readonly T[],
	{ idOf, textOf }: { idOf(item: T): string; textOf(item: T): string },
	{
		rect,
		covered,
		canFilter,
		refresh,
	}: { readonly rect: Rect; readonly covered: boolean; readonly canFilter: boolean; refresh(): void },
): FilteredList<T> => {
	const navigation = useNavigation();
	const [filter, setFilter] = useState('');
	const [filtering, setFiltering] = useState(false);
	const [chosen, setChosen] = useState<string>();
	const shown = items.filter((item) => matches(textOf(item), filter));
	const ids = shown.map(idOf);
	const selected = chosen !== undefined && ids.includes(chosen) ? chosen : ids[0];
	const move = (by: number) => setChosen(moved(ids, selected, by));
	useListMouse({ rect, above: 2, ids, selected, onWheel: move, onSelect: setChosen }, !covered);
	return {
		shown,
		current: shown.find((item) => idOf(item) === selected),
		selected,
		filter,
		prompt: filtering || filter !== '' ? [span(`/${filter}${filtering ? '▏' : ''}`, 'accent')] : undefined,
		keys: [
			{ keys: ['/'], label: 'filter', when: canFilter, run: () => setFiltering(true) },
			{ keys: ['n'], label: 'next match', when: filter !== '', run: () => setChosen(cycled(ids, selected, 1)) },
			{ keys: ['N'], label: 'previous match', when: filter !== '', run: () => setChosen(cycled(ids, selected, -1)) },
			{ keys: ['R'], label: 'refresh', run: refresh },
			{ keys: ['esc'], label: 'back', run: () => (filter === '' ? navigation.back() : setFilter('')) },
			{ keys: ['q'], label: 'back', hidden: true, run: navigation.back },
			...listMoves({ page: Math.max(1, rect.height - 3), ends: ['to the newest', 'to the oldest'], move }),
		],
		filterKeys: filtering && <FilterKeys text={filter} onText={setFilter} onEnd={() => setFiltering(false)} />,
	};
};
