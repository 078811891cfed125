import { useState } from 'react';
import { centred, Dialog, inside } from '../../components/dialog.tsx';
import { keyLabel } from '../../components/key-labels.ts';
import type { LiveBinding } from '../../components/keymap/bindings.ts';
import { useBindings } from '../../components/keymap/keymap-provider.tsx';
import { fitLine, type Line, pad, span, type Tone } from '../../components/line.ts';
import type { Rect } from '../../components/panel.ts';

/** Returns the rows of help: every key that works where help was opened, by group. */
export const helpRows = (bindings: readonly LiveBinding[]): Line[] => {
	const groups = new Map<string, LiveBinding[]>();
	const seen = new Set<string>();
	for (const binding of bindings) {
		const keys = binding.keys.filter((key) => !seen.has(key));
		if (keys.length === 0 || binding.label === '') {
			continue;
		}
		for (const key of keys) {
			seen.add(key);
		}
		const name = binding.group === '' ? 'Here' : binding.group === 'Always' ? 'Everywhere' : binding.group;
		const digit = /^[1-9]$/.test(keys[0] ?? '');
		const members = groups.get(name) ?? [];
		groups.set(name, members);
		// One row for all the numbered panels: their numbers are in their titles.
		if (!digit || keys[0] === '1') {
			members.push(digit ? { ...binding, keys: ['1-9'], label: 'the panel of that number' } : { ...binding, keys });
		}
	}
	return [...groups].flatMap(([name, members], index) => [
		...(index === 0 ? [] : [[]]),
		[span(name, 'strong')],
		...members.map(({ keys, label }): Line => [span(pad(keys.map(keyLabel).join(' '), 18), 'accent'), span(label)]),
	]);
};

const sign = (text: string, tone: Tone, means: string): Line => [span(pad(text, 18), tone), span(means)];

const more: readonly Line[] = [
	[],
	[span('Signs', 'strong')],
	sign('● ▲ ✗', 'plain', 'well, in doubt or warned of, down or failed'),
	sign('◔ stale', 'warn', 'out of date; do not rely on it'),
	sign('? unknown', 'warn', 'could not be checked; the reason is shown'),
	sign('✓ ▸ ·', 'plain', 'passed or done, under way, still to come'),
	sign('○ ◐ ◉', 'plain', 'read-only, disruptive, destructive'),
	sign('▲ ◆ ▸ in charts', 'plain', 'restart, deployment, run'),
	sign(':theme', 'accent', 'other colours'),
];

/** Width of the box, and of one with two columns. */
const [narrow, wide] = [72, 118];

/** Returns rows in two columns, the second half beside the first. */
const inColumns = (rows: readonly Line[], width: number): Line[] => {
	const half = Math.ceil(rows.length / 2);
	const cells = Math.floor((width - 4) / 2);
	return rows.slice(0, half).map((row, at) => [...fitLine(row, cells), ...(rows[half + at] ?? [])]);
};

/** All keys that work on the screen below it. */
export const Help = ({
	area,
	bindings,
	onClose,
}: {
	readonly area: Rect;
	readonly bindings: readonly LiveBinding[];
	readonly onClose: () => void;
}) => {
	const [from, setFrom] = useState(0);
	const all = [...helpRows(bindings), ...more];
	const isWide = all.length + 2 > area.height && area.width >= wide;
	const rows = isWide ? inColumns(all, wide) : all;
	const rect = centred(area, isWide ? wide : narrow, rows.length + 2);
	const room = inside(rect).height;
	const last = Math.max(0, rows.length - room);
	const scroll = (by: number) => setFrom(Math.max(0, Math.min(last, from + by)));
	useBindings(
		[
			{ keys: ['esc', 'q', '?', 'enter'], label: 'close', run: onClose },
			{ keys: ['j', 'down'], label: 'down', group: 'Move', run: () => scroll(1) },
			{ keys: ['k', 'up'], label: 'up', group: 'Move', run: () => scroll(-1) },
			{ keys: ['pageDown', 'ctrl-d', 'space'], label: 'page down', group: 'Move', run: () => scroll(room) },
			{ keys: ['pageUp', 'ctrl-u'], label: 'page up', group: 'Move', run: () => scroll(-room) },
		],
		{ layer: 'dialog', modal: true },
	);
	const title = last > 0 ? `Keys (${from + 1}-${Math.min(rows.length, from + room)} of ${rows.length}, j/k)` : 'Keys';
	return <Dialog rect={rect} title={title} rows={rows.slice(from, from + room)} />;
};
