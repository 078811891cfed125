import { useState } from 'react';
import { useBindings } from '../components/keymap/keymap-provider.tsx';
import { type Line, span } from '../components/line.ts';
import { StillBlock } from '../components/live-block.tsx';
import { panelRows, type Rect } from '../components/panel.ts';

/** Rows that may be more than there is room for, with the keys to scroll them. */
export const ScrollPanel = ({
	rect,
	title,
	rows,
	active,
}: {
	readonly rect: Rect;
	readonly title: string;
	readonly rows: readonly Line[];
	readonly active: boolean;
}) => {
	const [at, setAt] = useState(0);
	const room = Math.max(1, rect.height - 1);
	const last = Math.max(0, rows.length - room);
	const from = Math.min(at, last);
	const to = (row: number) => setAt(Math.max(0, Math.min(last, row)));
	useBindings(
		[
			{ keys: ['j', 'down'], label: 'down', group: 'Move', run: () => to(from + 1) },
			{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => to(from - 1) },
			{ keys: ['pageDown', 'space', 'ctrl-f'], label: 'a page down', group: 'Move', run: () => to(from + room - 1) },
			{ keys: ['pageUp', 'ctrl-b'], label: 'a page up', group: 'Move', run: () => to(from - room + 1) },
			{ keys: ['ctrl-d'], label: 'half a page down', group: 'Move', run: () => to(from + Math.ceil(room / 2)) },
			{ keys: ['ctrl-u'], label: 'half a page up', group: 'Move', run: () => to(from - Math.ceil(room / 2)) },
			{ keys: ['g', 'home'], label: 'to the top', group: 'Move', run: () => to(0) },
			{ keys: ['G', 'end'], label: 'to the end', group: 'Move', run: () => to(last) },
		],
		{ layer: 'panel', active },
	);
	const left = last - from;
	const summary: Line = left > 0 ? [span(`${left} more below, j/k`, 'warn')] : last > 0 ? [span('end', 'muted')] : [];
	return (
		<StillBlock rect={rect} rows={panelRows({ title, summary, focused: true }, rows.slice(from, from + room), rect)} />
	);
};
