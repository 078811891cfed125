/** Names for what keys send; anything else is sent as it stands. */
const KEYS: Readonly<Record<string, string>> = {
	enter: '\r',
	esc: '\u001b',
	tab: '\t',
	'shift-tab': '\u001b[Z',
	up: '\u001b[A',
	down: '\u001b[B',
	right: '\u001b[C',
	left: '\u001b[D',
	pageUp: '\u001b[5~',
	pageDown: '\u001b[6~',
	home: '\u001b[H',
	end: '\u001b[F',
	backspace: '\u007f',
	space: ' ',
};

/** The bytes a terminal sends for a key: a name (`enter`, `ctrl-d`), or text as it stands. */
export const keyBytes = (key: string): string => {
	const control = /^ctrl-([a-z])$/.exec(key)?.[1];
	return control ? String.fromCharCode(control.charCodeAt(0) - 0x60) : (KEYS[key] ?? key);
};
