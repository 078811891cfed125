import { useState } from 'react';
import type { Binding } from '../components/keymap/bindings.ts';
import { useBindings } from '../components/keymap/keymap-provider.tsx';
import { type Line, span } from '../components/line.ts';
import { DynamicBlock } from '../components/live-block.tsx';
import { useMouseAreas } from '../components/mouse/use-mouse.ts';
import { panelRows, type Rect } from '../components/panel.ts';
import { useComputedText } from '../components/use-readable.ts';
import type { Readable } from '../stores/store.ts';

export interface ScrollPanelProps {
	readonly rect: Rect;
	readonly title: string;
	/** Returns words for the title, before the size of the page. */
	readonly summary?: (now: number) => Line;
	/** The stores from which the rows are computed, besides the clock. */
	readonly sources?: readonly Readable<unknown>[];
	readonly rows: (now: number) => readonly Line[];
	/** The first visible row at the beginning. */
	readonly start?: number;
	/** Rows that `n` and `N` go to. */
	readonly stops?: { readonly what: string; readonly rows: () => readonly number[] };
	readonly active: boolean;
}

/** Rows that may not all fit, with the keys to scroll them. */
export const ScrollPanel = (props: ScrollPanelProps) => {
	const { rect, title, summary, sources = [], rows, start = 0, stops, active } = props;
	const [at, setAt] = useState(start);
	const count = Number(useComputedText(sources, (now) => String(rows(now).length)));
	const room = Math.max(1, rect.height - 1);
	const last = Math.max(0, count - room);
	const from = Math.min(at, last);
	const to = (row: number) => setAt(Math.max(0, Math.min(last, row)));
	const toStop = (step: 1 | -1) => {
		const all = stops?.rows() ?? [];
		to((step > 0 ? all.find((row) => row > from) : all.findLast((row) => row < from)) ?? from);
	};
	const jumps: readonly Binding[] =
		stops === undefined
			? []
			: [
					{ keys: ['n'], label: `next ${stops.what}`, group: 'Move', run: () => toStop(1) },
					{ keys: ['N'], label: `previous ${stops.what}`, group: 'Move', run: () => toStop(-1) },
				];
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
			...jumps,
		],
		{ layer: 'panel', active },
	);
	useMouseAreas([{ rect, onWheel: (by) => to(from + 3 * by) }], active);
	const left = last - from;
	const place: Line = left > 0 ? [span(`${left} more below, j/k`, 'warn')] : last > 0 ? [span('end', 'muted')] : [];
	return (
		<DynamicBlock
			rect={rect}
			sources={sources}
			rows={(now) => {
				const said = summary?.(now) ?? [];
				const joint = said.length > 0 && place.length > 0 ? [span('  ')] : [];
				return panelRows(
					{ title, summary: [...said, ...joint, ...place], focused: true },
					rows(now).slice(from, from + room),
					rect,
				);
			}}
		/>
	);
};
