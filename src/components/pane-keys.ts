import { useSyncExternalStore } from 'react';
import type { PaneView } from '../stores/pane-view.ts';
import type { Binding, LayerName } from './keymap/bindings.ts';
import { useBindings } from './keymap/keymap-provider.tsx';

const SIDEWAYS = 8;

const bind = (keys: string[], label: string, run: () => void, more: Partial<Binding> = {}): Binding => ({
	keys,
	label,
	group: 'Output',
	run,
	...more,
});

/** Returns the keys of an output pane that move, follow and wrap. */
export const paneMoves = (view: PaneView): readonly Binding[] => [
	bind(['j', 'down'], 'down', () => view.scrollBy(1)),
	bind(['k', 'up'], 'up', () => view.scrollBy(-1)),
	bind(['pageDown', 'space'], 'page down', () => view.pageBy(1)),
	bind(['pageUp'], 'page up', () => view.pageBy(-1)),
	bind(['ctrl-d'], 'half a page down', () => view.pageBy(0.5)),
	bind(['ctrl-u'], 'half a page up', () => view.pageBy(-0.5)),
	bind(['g', 'home'], 'oldest line', () => view.toTop()),
	bind(['G', 'end'], 'newest line, and follow', () => view.toBottom()),
	bind(['left'], 'scroll left', () => view.shiftBy(-SIDEWAYS), { hidden: true }),
	bind(['right'], 'scroll right', () => view.shiftBy(SIDEWAYS), { hidden: true }),
	bind(['s'], 'follow or hold', () => view.toggleFollow()),
	bind(['t'], 'times', () => view.toggleTime()),
	bind(['w'], 'wrap', () => view.toggleWrap()),
	// The pane's title names the key when JSON is in view; otherwise it does nothing.
	bind(['v'], 'JSON raw or laid out', () => view.toggleRaw(), { hidden: true }),
];

const paneSearch = (view: PaneView): readonly Binding[] => {
	const searching = view.state.get().query !== '';
	return [
		bind(['/'], 'search', () => view.prompt('')),
		bind(['n'], 'next match', () => view.next(), { when: searching }),
		bind(['N'], 'previous match', () => view.previous(), { when: searching }),
		bind(['esc'], 'end the search', () => view.search(''), { when: searching }),
	];
};

/** Binds an output pane's keys while it is focused (`active`), and its search prompt while that is open. */
export const usePaneKeys = (
	view: PaneView,
	options: { readonly active: boolean; readonly layer?: LayerName },
): void => {
	const { prompt } = useSyncExternalStore(view.state.subscribe, view.state.get);
	const typed = () => view.state.get().prompt ?? '';
	useBindings([...paneMoves(view), ...paneSearch(view)], { layer: options.layer ?? 'panel', active: options.active });
	useBindings(
		[
			{ keys: ['enter'], label: 'search', group: 'Output', run: () => view.search(typed()) },
			{ keys: ['esc'], label: 'cancel', group: 'Output', run: () => view.prompt(undefined) },
			{
				keys: ['backspace'],
				label: 'erase',
				hidden: true,
				run: () => view.prompt(typed() === '' ? undefined : [...typed()].slice(0, -1).join('')),
			},
			{ keys: ['ctrl-u'], label: 'erase all', hidden: true, run: () => view.prompt('') },
		],
		{
			layer: 'prompt',
			active: options.active && prompt !== undefined,
			typeAhead: true,
			onText: (text) => view.prompt(typed() + text),
		},
	);
};
