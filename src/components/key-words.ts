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

/** A key as it is written on the screen. */
export const keyWord = (key: string): string =>
	words[key] ?? (key.startsWith('ctrl-') ? `Ctrl-${words[key.slice(5)] ?? key.slice(5).toUpperCase()}` : key);

/** Keys that everybody tries anyway stay out of the row of hints. */
const isHint = (binding: LiveBinding) => binding.group !== 'Move' && binding.label !== '';

/** The row of key hints: as many of the live bindings as fit, and always the way to all of them. */
export const hintLine = (bindings: readonly LiveBinding[], width: number): Line => {
	const help = bindings.find(({ keys }) => keys.includes('?'));
	const tail: Line = help === undefined ? [] : [span('  ? ', 'accent'), span('all keys ', 'muted')];
	const row: Line[number][] = [];
	const seen = new Set<string>();
	for (const binding of bindings.filter(isHint)) {
		const key = binding.keys[0] ?? '';
		if (binding === help || seen.has(key)) {
			continue;
		}
		seen.add(key);
		const hint: Line = [
			span(row.length === 0 ? ' ' : '  '),
			span(`${keyWord(key)} `, 'accent'),
			span(binding.label, 'muted'),
		];
		if (lineWidth(row) + lineWidth(hint) + lineWidth(tail) > width) {
			break;
		}
		row.push(...hint);
	}
	return [...row, ...tail];
};
