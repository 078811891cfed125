import { useState } from 'react';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { type Line, span } from '../../components/line.ts';
import { StaticBlock } from '../../components/live-block.tsx';
import { useMouseAreas } from '../../components/mouse/use-mouse.ts';
import { panelRows, type Rect } from '../../components/panel.ts';
import { selectedRow } from '../../components/table.ts';
import { FilterKeys } from '../filter-keys.tsx';
import type { Fold } from './fold.ts';
import { useFoldView } from './use-fold-view.ts';

/** A page whose parts can be unfolded, with its keys: a cursor, jumps from section to section, a search. */
export const FoldPanel = ({
	rect,
	title,
	folds,
	start,
	active,
}: {
	readonly rect: Rect;
	readonly title: string;
	readonly folds: readonly Fold[];
	/** The fold on which the cursor starts. */
	readonly start: string;
	readonly active: boolean;
}) => {
	const [typing, setTyping] = useState<string>();
	const [sought, setSought] = useState('');
	const [missed, setMissed] = useState(false);
	const room = Math.max(1, rect.height - 1);
	const view = useFoldView(folds, room, start);
	const seek = (text: string, step: 1 | -1) => setMissed(text !== '' && !view.find(text, step));
	const page = Math.max(1, room - 1);
	const half = Math.ceil(room / 2);
	useBindings(
		[
			{
				keys: ['o', view.under === 'unfolded' ? 'left' : 'right'],
				label: view.under === 'unfolded' ? 'fold' : 'unfold',
				when: view.under !== 'fixed',
				run: view.toggle,
			},
			{ keys: ['O'], label: view.whole ? 'fold all' : 'unfold all', run: view.toggleAll },
			{ keys: ['j', 'down'], label: 'down', group: 'Move', run: () => view.move(1) },
			{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => view.move(-1) },
			{ keys: [']'], label: 'next section', when: view.hasNext, run: () => view.jump(1) },
			{ keys: ['['], label: 'section before', when: view.hasBefore, run: () => view.jump(-1) },
			{ keys: ['/'], label: 'search', run: () => setTyping('') },
			{ keys: ['n'], label: 'next match', when: sought !== '', run: () => seek(sought, 1) },
			{ keys: ['N'], label: 'match before', when: sought !== '', run: () => seek(sought, -1) },
			{ keys: ['pageDown', 'space', 'ctrl-f'], label: 'a page down', group: 'Move', run: () => view.scroll(page) },
			{ keys: ['pageUp', 'ctrl-b'], label: 'a page up', group: 'Move', run: () => view.scroll(-page) },
			{ keys: ['ctrl-d'], label: 'half a page down', group: 'Move', run: () => view.scroll(half) },
			{ keys: ['ctrl-u'], label: 'half a page up', group: 'Move', run: () => view.scroll(-half) },
			{ keys: ['g', 'home'], label: 'to the top', group: 'Move', run: () => view.move(-1e6) },
			{ keys: ['G', 'end'], label: 'to the end', group: 'Move', run: () => view.move(1e6) },
		],
		{ layer: 'panel', active: active && typing === undefined },
	);
	useMouseAreas(
		[
			{
				rect,
				onWheel: (by) => view.scroll(3 * by),
				onClick: (row) => row > 0 && view.move(view.top + row - 1 - view.cursor),
			},
		],
		active,
	);
	const below = view.rows.length - room - view.top;
	const place: Line =
		typing !== undefined
			? [span('/', 'accent'), span(typing, 'strong'), span('▏', 'accent')]
			: missed
				? [span(`nothing has “${sought}” in it`, 'warn')]
				: below > 0
					? [span(`${below} more below, j/k`, 'warn')]
					: view.top > 0
						? [span('end', 'muted')]
						: [];
	const body = view.rows
		.slice(view.top, view.top + room)
		.map(({ row }, index) => (view.top + index === view.cursor ? selectedRow(row) : row));
	return (
		<>
			<StaticBlock rect={rect} rows={panelRows({ title, summary: place, focused: true }, body, rect)} />
			{typing !== undefined && (
				<FilterKeys
					text={typing}
					onText={setTyping}
					onEnd={() => {
						setTyping(undefined);
						setSought(typing);
						seek(typing, 1);
					}}
					onCancel={() => setTyping(undefined)}
					labels={{ enter: 'search', esc: 'cancel' }}
				/>
			)}
		</>
	);
};
