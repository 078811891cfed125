/** The flags of Ink's input events that are read here. */
export interface InkKey {
	readonly upArrow?: boolean;
	readonly downArrow?: boolean;
	readonly leftArrow?: boolean;
	readonly rightArrow?: boolean;
	readonly pageDown?: boolean;
	readonly pageUp?: boolean;
	readonly home?: boolean;
	readonly end?: boolean;
	readonly return?: boolean;
	readonly escape?: boolean;
	readonly ctrl?: boolean;
	readonly shift?: boolean;
	readonly tab?: boolean;
	readonly backspace?: boolean;
	readonly delete?: boolean;
	readonly meta?: boolean;
}

const CONTROLS: Readonly<Record<string, string>> = {
	'\r': 'enter',
	'\n': 'enter',
	'\t': 'tab',
	'\b': 'backspace',
	'\u007f': 'backspace',
	'\u001b': 'esc',
	'\u0000': 'ctrl-space',
};

const named = (key: InkKey): string | undefined => {
	const names: readonly [boolean | undefined, string][] = [
		[key.upArrow, 'up'],
		[key.downArrow, 'down'],
		[key.leftArrow, 'left'],
		[key.rightArrow, 'right'],
		[key.pageUp, 'pageUp'],
		[key.pageDown, 'pageDown'],
		[key.home, 'home'],
		[key.end, 'end'],
		[key.return, 'enter'],
		[key.escape, 'esc'],
		[key.tab, 'tab'],
		[key.backspace, 'backspace'],
		[key.delete, 'delete'],
	];
	return names.find(([is]) => is)?.[1];
};

const ofCharacter = (character: string): string => {
	const known = CONTROLS[character];
	if (known) {
		return known;
	}
	const code = character.codePointAt(0) ?? 0;
	return code < 0x20 ? `ctrl-${String.fromCharCode(code + 0x60)}` : character === ' ' ? 'space' : character;
};

/**
 * Returns the keys in one of Ink's input events, in order. A printable key is its character (`j`, `G`, `é`), the blank is `space`;
 * others are `enter`, `esc`, `tab`, `shift-tab`, `up`, `pageUp`, `home`, `backspace`, `delete`, `ctrl-d`, `ctrl-up`. Ink passes typing
 * that arrived in one piece as one event (`jj`, `j\r`), without the flags of its keys. Alt with a key is `esc` and the key: on a slow
 * connection the two cannot be distinguished. Ink gives function keys no name, so there are none.
 */
export const keysOf = (input: string, key: InkKey): readonly string[] => {
	const name = named(key);
	if (name) {
		const modifier = key.ctrl ? 'ctrl-' : key.shift ? 'shift-' : '';
		const plain = name === 'esc' || name === 'enter' || name === 'backspace';
		const full = plain ? name : modifier + name;
		return key.meta && name === 'esc' ? ['esc', 'esc'] : key.meta ? ['esc', full] : [full];
	}
	if (key.ctrl) {
		const control = input === ' ' ? 'ctrl-space' : `ctrl-${input}`;
		return input === '' ? [] : key.meta ? ['esc', control] : [control];
	}
	const keys = [...input].map(ofCharacter);
	return key.meta && keys.length > 0 ? ['esc', ...keys] : keys;
};

/** Returns the text that a key types, or undefined for one that types nothing. */
export const textOf = (key: string): string | undefined =>
	key === 'space' ? ' ' : [...key].length === 1 ? key : undefined;
