import type { LiveBinding } from './keymap/bindings.ts';
import { type Line, lineWidth, span } from './line.ts';

const words: Readonly<Record<string, string>> = {
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pageUp: 'PgUp',
	pageDown: 'PgDn',
	home: 'Home',
	end: 'End',
	enter: 'Enter',
	esc: 'Esc',
	tab: 'Tab',
	'shift-tab': 'Shift-Tab',
	space: 'Space',
	backspace: 'Backspace',
};

/** Returns a key as it is written on the screen. */
export const keyLabel = (key: string): string =>
	words[key] ?? (key.startsWith('ctrl-') ? `Ctrl-${words[key.slice(5)] ?? key.slice(5).toUpperCase()}` : key);

const quiet = new Set(['Move', 'Always', 'Program']);
const moving = new Set(['j', 'k', 'g', 'G', 'pageDown', 'pageUp', 'ctrl-d', 'ctrl-u', 'up', 'down', 'left', 'right']);

/** True for keys that need a hint: everybody tries the others anyway. */
const isHint = ({ group, label, keys }: LiveBinding) => !quiet.has(group) && label !== '' && !moving.has(keys[0] ?? '');

// Actions of the screen come before those of its panel.
const order: readonly LiveBinding['layer'][] = ['prompt', 'dialog', 'screen', 'panel', 'global'];

/** Returns the row of key hints: as many of the live bindings as fit, and always the key for all of them. */
export const hintLine = (bindings: readonly LiveBinding[], width: number): Line => {
	const help = bindings.find((binding) => binding.keys.includes('?') && binding.label === 'help');
	const tail: Line = help === undefined ? [] : [span('  ? ', 'accent'), span('all keys ', 'muted')];
	const row: Line[number][] = [];
	const seen = new Set<string>();
	const hints = bindings.filter(isHint).sort((a, b) => order.indexOf(a.layer) - order.indexOf(b.layer));
	for (const binding of hints) {
		const key = binding.keys[0] ?? '';
		if (binding === help || seen.has(key)) {
			continue;
		}
		seen.add(key);
		const hint: Line = [
			span(row.length === 0 ? ' ' : '  '),
			span(`${keyLabel(key)} `, 'accent'),
			span(binding.label, 'muted'),
		];
		if (lineWidth(row) + lineWidth(hint) + lineWidth(tail) > width) {
			break;
		}
		row.push(...hint);
	}
	return [...row, ...tail];
};
