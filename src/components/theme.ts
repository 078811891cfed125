import type { ThemeName } from '../runbook/preferences.ts';
import type { Tone } from './line.ts';

/** The number of colours: none (NO_COLOR), the terminal's own sixteen, or the 256 of which 16 to 255 are fixed. */
export type Depth = 'none' | 'sixteen' | 'many';

/** SGR parameters for each tone (ECMA-48 8.3.117); empty for the terminal's default. */
export type Palette = Readonly<Record<Tone, string>>;

// Without colour, weight repeats what the glyph and the word say.
const mono: Palette = {
	plain: '',
	good: '',
	warn: '',
	bad: '1',
	accent: '',
	muted: '2',
	strong: '1',
	alarm: '1;7',
	triumph: '1;7',
	doubt: '1;7',
	busy: '1;7',
	selected: '7',
};

/** For a dark background, in the terminal's own sixteen colours at every depth: the operator has chosen them. */
const dark: Palette = {
	plain: '',
	good: '32',
	warn: '33',
	bad: '31;1',
	accent: '36',
	muted: '2',
	strong: '1',
	alarm: '1;97;41',
	triumph: '1;30;42',
	doubt: '1;30;43',
	busy: '1;30;46',
	selected: '7',
};

const on = (foreground: number, background: number) => `1;38;5;${foreground};48;5;${background}`;

/** For a light background. Yellow is hard to read there: of the sixteen, magenta warns. */
const light: Readonly<Record<Exclude<Depth, 'none'>, Palette>> = {
	sixteen: {
		...dark,
		warn: '35',
		accent: '34',
		triumph: '1;97;42',
		doubt: '1;97;45',
		busy: '1;97;44',
	},
	many: {
		...dark,
		good: '38;5;22',
		warn: '38;5;94',
		bad: '1;38;5;124',
		accent: '38;5;24',
		muted: '38;5;240',
		alarm: on(231, 124),
		triumph: on(231, 22),
		doubt: on(231, 94),
		busy: on(231, 24),
	},
};

/** Black under everything, whatever the terminal's background is, and nothing faint on it. */
const highContrast: Readonly<Record<Exclude<Depth, 'none'>, Palette>> = {
	sixteen: {
		plain: '97;40',
		good: '1;92;40',
		warn: '1;93;40',
		bad: '1;91;40',
		accent: '1;96;40',
		muted: '37;40',
		strong: '1;97;40',
		alarm: '1;97;41',
		triumph: '1;30;102',
		doubt: '1;30;103',
		busy: '1;30;106',
		selected: '1;30;107',
	},
	many: {
		plain: '38;5;231;48;5;16',
		good: on(46, 16),
		warn: on(226, 16),
		bad: on(210, 16),
		accent: on(51, 16),
		muted: '38;5;252;48;5;16',
		strong: on(231, 16),
		alarm: on(231, 88),
		triumph: on(16, 46),
		doubt: on(16, 226),
		busy: on(16, 51),
		selected: on(16, 231),
	},
};

/** Blue for good, yellow in doubt, orange for bad: distinguishable without red or green cones, as Okabe and Ito chose. */
const colourBlind: Readonly<Record<Exclude<Depth, 'none'>, Palette>> = {
	sixteen: {
		...dark,
		good: '94',
		warn: '93',
		bad: '1;4;91',
		accent: '97',
		triumph: '1;97;44',
		doubt: '1;30;103',
		busy: '1;30;47',
	},
	many: {
		...dark,
		good: '38;5;75',
		warn: '38;5;227',
		bad: '1;38;5;208',
		accent: '38;5;159',
		muted: '38;5;248',
		alarm: on(16, 208),
		triumph: on(16, 75),
		doubt: on(16, 227),
		busy: on(16, 159),
	},
};

/** Returns the look of each tone in a theme on a terminal. */
export const paletteOf = (theme: ThemeName, depth: Depth): Palette => {
	if (depth === 'none') {
		return theme === 'high-contrast' ? { ...mono, muted: '' } : mono;
	}
	switch (theme) {
		case 'light':
			return light[depth];
		case 'high-contrast':
			return highContrast[depth];
		case 'colour-blind':
			return colourBlind[depth];
		default:
			return dark;
	}
};

/** Returns the colours that are wanted and available: https://no-color.org, `TERM=dumb`, then TERM and COLORTERM. */
export const depthOf = (env: Readonly<Record<string, string | undefined>>): Depth => {
	if ((env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') {
		return 'none';
	}
	return /256/.test(env.TERM ?? '') || /^(?:truecolor|24bit)$/.test(env.COLORTERM ?? '') ? 'many' : 'sixteen';
};

/** Returns a text in a tone, with the default restored after it. */
export const toned = (text: string, code: string): string =>
	code === '' || text === '' ? text : `\u001B[${code}m${text}\u001B[0m`;
