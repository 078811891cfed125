const ESC = '\u001b';
const clipboard = Buffer.from('poisoned').toString('base64');

/**
 * Output of a hostile host, by its effect on a terminal. It contains `5;66` and `poisoned`, to distinguish it from the program's own
 * output.
 */
export const poisons: Readonly<Record<string, string>> = {
	clear: `${ESC}[2J${ESC}[5;66H`,
	reset: `${ESC}c${ESC}[!p`,
	clipboard: `${ESC}]52;c;${clipboard}\u0007`,
	clipboardC1: `\u009d52;c;${clipboard}\u009c`,
	title: `${ESC}]0;poisoned title${ESC}\\`,
	link: `${ESC}]8;;http://poisoned.invalid/${ESC}\\`,
	answerback: `${ESC}[5n${ESC}[c${ESC}[>c${ESC}[6n\u0005`,
	printer: `${ESC}[5i`,
	sixel: `${ESC}Pq#0;poisoned${ESC}\\`,
	dcsC1: '\u0090+q544e\u009c',
	apc: `${ESC}_Gpoisoned${ESC}\\`,
	pm: `${ESC}^poisoned${ESC}\\`,
	sos: `${ESC}Xpoisoned${ESC}\\`,
	csiC1: '\u009b5;66H\u009b?1000h',
	alternate: `${ESC}[?1049l${ESC}[?1000h${ESC}[?2004l`,
	keys: `${ESC}[>4;2m${ESC}[?1u`,
	charset: `${ESC}(0\u000e`,
	hidden: `${ESC}[8m${ESC}[5m${ESC}[38;5;0m`,
	back: 'true\r\b\b\b\bfalse',
	bell: '\u0007',
	bidi: '\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c',
	invisible: '\u200b\u200d\u2060\ufeff\u00ad\u{e0041}\u{e007f}\u115f\u3164\ufe0f',
	separators: '\u0085\u2028\u2029\u000b\u000c',
	marks: `Z${'\u0301'.repeat(40)}`,
	del: '\u007f',
};

/** A name that must be seen, with all of it inside. An unfinished sequence would swallow what follows, so it ends it. */
export const poisoned = (label: string): string =>
	`${label}${Object.values(poisons).join('')}${label.toUpperCase()}${ESC}]2;unfinished`;

/** The sequences that Ink and the compositor write; see terminal/compositor.ts and Ink's own output. */
const own = [
	// Colours and weights, but neither blink nor conceal.
	/\u001b\[(?:(?:[0-47]|2[2-9]|3[0-79]|4[0-79]|9[0-7]|10[0-7])(?:;|(?=m)))*m/g,
	// Cursor keys, erasing, an absolute row.
	/\u001b\[\d*[ABCDEFGK]/g,
	/\u001b\[(?:\d+;\d+|\d+)?H/g,
	/\u001b\[[0-3]?J/g,
	/\u001b[78]/g,
	// Cursor, wrapping, alternate screen, bracketed paste, synchronized update; keyboard protocol.
	/\u001b\[\?(?:25|7|1049|2004|2026)[hl]/g,
	/\u001b\[(?:<|>1|\?|=\d+;?\d*)u/g,
];

const forbidden =
	// biome-ignore lint/suspicious/noMisleadingCharacterClass: each of them alone is looked for
	/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;

const printable = (text: string): string =>
	text.replace(/[^ -~]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/**
 * Lists everything written to a terminal that does not come from the program itself: one line each, with its surroundings. `\r\n` is the
 * line discipline's.
 */
export const leaks = (
	raw: string,
	{ screen = true, json = false }: { readonly screen?: boolean; readonly json?: boolean } = {},
): readonly string[] => {
	const found: string[] = [];
	const signs = ['\u001b[5;66H', '\u001b[?1000h', '\u001b[2J\u001b[5'];
	for (const sign of signs) {
		const at = raw.indexOf(sign);
		if (at >= 0) {
			found.push(`${printable(sign)} in ${printable(raw.slice(Math.max(0, at - 40), at + 40))}`);
		}
	}
	let rest = raw;
	for (const pattern of screen ? own : own.slice(0, 1)) {
		rest = rest.replace(pattern, '');
	}
	rest = rest.replace(/\r+\n/g, '\n');
	if (!screen) {
		for (const { index } of rest.matchAll(/\r/g)) {
			found.push(`carriage return in ${printable(rest.slice(Math.max(0, index - 40), index + 40))}`);
		}
	}
	for (const { index } of rest.matchAll(forbidden)) {
		found.push(printable(rest.slice(Math.max(0, index - 40), index + 40)));
	}
	if (!json && /\p{M}{8}/u.test(rest)) {
		found.push('a pile of combining marks');
	}
	return found.slice(0, 10);
};
