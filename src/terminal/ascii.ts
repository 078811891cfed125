import type { TerminalOutput } from './terminal-output.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * True when the locale says that the terminal does not show UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is set names another
 * character set, or is `C` or `POSIX` (POSIX, Base Definitions 8.2). If none is set nothing is known, and most terminals show it.
 */
export const isAsciiOnly = ({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean => {
	const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '');
	return locale !== undefined && !/utf-?8/i.test(locale);
};

/** ASCII replacements of our own signs; each takes one cell, as they do. */
const signs: Readonly<Record<string, string>> = Object.fromEntries(
	(
		[
			['─━┄', '-'],
			['│┃', '|'],
			['┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┣┫┳┻╋', '+'],
			['●', 'o'],
			['■', 'x'],
			['○◌', '.'],
			['◐', '!'],
			['◉', '#'],
			['◔', '~'],
			['◆', '*'],
			['▲', '^'],
			['▼▾', 'v'],
			['▶▸›→', '>'],
			['←', '<'],
			['↑', '^'],
			['↓', 'v'],
			['✓', '+'],
			['✗×', 'x'],
			['≠', '!'],
			['·•', '.'],
			['…', '_'],
			['–—', '-'],
			['’‘', "'"],
			['“”', '"'],
			['▁▂', '_'],
			['▃▄', '-'],
			['▅▆', '='],
			['▇█', '#'],
			['▏', '|'],
			['␍⏎', '/'],
			['⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏', '*'],
		] as const
	).flatMap(([all, ascii]) => [...all].map((sign) => [sign, ascii])),
);

/** Wide characters take two cells, and so do two question marks. */
const wide =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Returns a text in ASCII of the same width: signs replaced, letters without their marks, anything else as question marks. */
export const toAscii = (text: string): string =>
	text.replace(/[^\u0000-\u007f]/gu, (character) => {
		const sign = signs[character];
		if (sign !== undefined) {
			return sign;
		}
		const [letter = ''] = character.normalize('NFD');
		return letter <= '\u007f' && letter !== ''
			? letter
			: wide.test(character)
				? '??'
				: /\p{M}/u.test(character)
					? ''
					: '?';
	});

/** Returns a terminal to which only ASCII is written; otherwise it is the same. */
export const inAscii = (terminal: TerminalOutput): TerminalOutput => ({
	get isTTY() {
		return terminal.isTTY;
	},
	get columns() {
		return terminal.columns;
	},
	get rows() {
		return terminal.rows;
	},
	get writable() {
		return terminal.writable;
	},
	get writableNeedDrain() {
		return terminal.writableNeedDrain;
	},
	get writableEnded() {
		return terminal.writableEnded;
	},
	get destroyed() {
		return terminal.destroyed;
	},
	write: (data, done) => terminal.write(toAscii(data), done),
	on: (event, listener) => terminal.on(event, listener),
	off: (event, listener) => terminal.off(event, listener),
});
