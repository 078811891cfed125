import type { Binding } from '../components/keymap/bindings.ts';

/** More rows than any list has. */
const toTheEnd = 1e6;

export interface ListMoves {
	/** Number of rows of a page. */
	readonly page: number;
	/** Names of the list's ends, for the help: `to the newest`. */
	readonly ends: readonly [first: string, last: string];
	/** Moves the selection by rows, up when negative. */
	move(by: number): void;
}

/** Returns the keys that move through a list. */
export const listMoves = ({ page, ends: [first, last], move }: ListMoves): readonly Binding[] => [
	{ keys: ['j', 'down'], label: 'down', group: 'Move', run: () => move(1) },
	{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => move(-1) },
	{ keys: ['g', 'home'], label: first, group: 'Move', run: () => move(-toTheEnd) },
	{ keys: ['G', 'end'], label: last, group: 'Move', run: () => move(toTheEnd) },
	{ keys: ['pageDown', 'ctrl-d'], label: 'a page down', group: 'Move', run: () => move(page) },
	{ keys: ['pageUp', 'ctrl-u'], label: 'a page up', group: 'Move', run: () => move(-page) },
];
