import { hyperlink } from '../terminal/osc.ts';
import { fitLine, type Line } from './line.ts';
import { speak } from './screen-reader.ts';
import { type Palette, toned } from './theme.ts';

/** The style in which rows are painted. */
export interface TextStyle {
	readonly palette: Palette;
	/** True when the terminal opens links (OSC 8). */
	readonly links: boolean;
	/** True for a screen reader: lines of words instead of rows of cells. */
	readonly spoken?: boolean;
}

/** Converts rows into text for one Ink `<Text>`: each cut or padded to `width`, tones as SGR sequences. */
export const paint = (rows: readonly Line[], width: number, { palette, links, spoken }: TextStyle): string =>
	spoken ? speak(rows) : painted(rows, width, palette, links);

const painted = (rows: readonly Line[], width: number, palette: Palette, links: boolean): string =>
	rows
		.map((row) =>
			fitLine(row, width)
				.map(({ text, tone, address }) => {
					const shown = toned(text, palette[tone]);
					return links && address !== undefined ? hyperlink(shown, address) : shown;
				})
				.join(''),
		)
		.join('\n');
