import { fitLine, type Line, type Tone } from './line.ts';

// SGR parameters (ECMA-48 8.3.117). Only the 16 colours every terminal has, so that the operator's own palette holds.
// Without colour the weight, not the hue, carries what the glyph and the word say already.
const codes: Readonly<Record<Tone, { readonly colour: string; readonly mono: string }>> = {
	plain: { colour: '', mono: '' },
	good: { colour: '32', mono: '' },
	warn: { colour: '33', mono: '' },
	bad: { colour: '31;1', mono: '1' },
	accent: { colour: '36', mono: '' },
	muted: { colour: '2', mono: '2' },
	strong: { colour: '1', mono: '1' },
	alarm: { colour: '1;97;41', mono: '1;7' },
	triumph: { colour: '1;30;42', mono: '1;7' },
	doubt: { colour: '1;30;43', mono: '1;7' },
	busy: { colour: '1;30;46', mono: '1;7' },
	selected: { colour: '7', mono: '7' },
};

/** Turns rows into text for one Ink `<Text>`: each cut and filled to `width`, tones as SGR sequences. */
export const paint = (rows: readonly Line[], width: number, colour: boolean): string =>
	rows
		.map((row) =>
			fitLine(row, width)
				.map(({ text, tone }) => {
					const code = codes[tone][colour ? 'colour' : 'mono'];
					return code === '' || text === '' ? text : `\u001B[${code}m${text}\u001B[0m`;
				})
				.join(''),
		)
		.join('\n');

/** Whether colour is wanted: https://no-color.org, and `TERM=dumb`. */
export const wantsColour = (env: Readonly<Record<string, string | undefined>>): boolean =>
	(env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
