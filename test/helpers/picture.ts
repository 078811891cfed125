import { cellWidth } from '../../src/terminal/cells.ts';
import type { Pty } from './pty.ts';

/** The sixteen colours as a dark terminal shows them. */
const palette = [
	'#1d1f21',
	'#e06c75',
	'#98c379',
	'#e5c07b',
	'#61afef',
	'#c678dd',
	'#56b6c2',
	'#c8ccd4',
	'#7f848e',
	'#ff7b86',
	'#b5e08d',
	'#ffd68a',
	'#82c4ff',
	'#dd9bf5',
	'#7fdbe8',
	'#ffffff',
] as const;
const background = '#16181d';
const foreground = '#c8ccd4';
export const cell = { width: 8.4, height: 18 };
export const margin = 12;

const cube = [0, 95, 135, 175, 215, 255];

const colourOf = (mode: 'default' | 'palette' | 'rgb', value: number, fallback: string): string => {
	if (mode === 'default') {
		return fallback;
	}
	if (mode === 'rgb') {
		return `#${value.toString(16).padStart(6, '0')}`;
	}
	if (value < 16) {
		return palette[value] ?? fallback;
	}
	if (value >= 232) {
		const grey = 8 + (value - 232) * 10;
		return `rgb(${grey},${grey},${grey})`;
	}
	const index = value - 16;
	return `rgb(${cube[Math.floor(index / 36)]},${cube[Math.floor(index / 6) % 6]},${cube[index % 6]})`;
};

const escapeXml = (text: string): string =>
	text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

interface Stretch {
	readonly column: number;
	readonly cells: number;
	readonly text: string;
	readonly ink: string;
	readonly paper: string;
	readonly bold: boolean;
	readonly dim: boolean;
}

const stretchesOf = (pty: Pty, row: number): readonly Stretch[] => {
	const found: Stretch[] = [];
	for (let column = 0; column < pty.columns; ) {
		const at = pty.cell(row, column);
		const width = Math.max(1, at?.getWidth() ?? 1);
		const mode = (isDefault?: boolean, isRgb?: boolean) => (isDefault ? 'default' : isRgb ? 'rgb' : 'palette');
		let ink =
			at === undefined ? foreground : colourOf(mode(at.isFgDefault(), at.isFgRGB()), at.getFgColor(), foreground);
		let paper =
			at === undefined ? background : colourOf(mode(at.isBgDefault(), at.isBgRGB()), at.getBgColor(), background);
		if (at?.isInverse()) {
			[ink, paper] = [paper, ink];
		}
		const [bold, dim] = [Boolean(at?.isBold()), Boolean(at?.isDim())];
		const text = at?.getChars() || ' ';
		const last = found.at(-1);
		if (last && last.ink === ink && last.paper === paper && last.bold === bold && last.dim === dim) {
			found[found.length - 1] = { ...last, cells: last.cells + width, text: last.text + text };
		} else {
			found.push({ column, cells: width, text, ink, paper, bold, dim });
		}
		column += width;
	}
	return found;
};

/** The words of a text and the cells before each. Browsers collapse spaces in a picture, and would stretch the letters over their room. */
const wordsOf = (text: string): readonly { readonly before: number; readonly word: string }[] =>
	[...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: word, index }) => ({ before: cellWidth(text.slice(0, index)), word }));

/** Resolves when the terminal shows a whole frame: the first half of one would be a mixture of two screens. */
export const wholeFrame = async (pty: Pty): Promise<void> => {
	await pty.drawn();
	await pty.waitFor(() => !pty.modes().synchronized);
};

/**
 * Returns the current screen of a terminal as an SVG picture: every cell in its place and colours.
 * @param shown changes the text before it is drawn, to replace names that belong to this machine
 */
export const pictureOf = (pty: Pty, title: string, shown: (text: string) => string = (text) => text): string => {
	const [width, height] = [pty.columns * cell.width + 2 * margin, pty.rows * cell.height + 2 * margin];
	const parts: string[] = [];
	for (let row = 0; row < pty.rows; row++) {
		for (const { column, cells, text: said, ink, paper, bold, dim } of stretchesOf(pty, row)) {
			const [x, y] = [margin + column * cell.width, margin + row * cell.height];
			if (paper !== background) {
				parts.push(
					`<rect x="${x.toFixed(1)}" y="${y}" width="${(cells * cell.width).toFixed(1)}" height="${cell.height}" fill="${paper}"/>`,
				);
			}
			const look = `${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
			for (const { before, word } of wordsOf(shown(said))) {
				const [left, length] = [x + before * cell.width, cellWidth(word) * cell.width];
				parts.push(
					`<text x="${left.toFixed(1)}" y="${y + 13.5}" fill="${ink}" textLength="${length.toFixed(1)}" lengthAdjust="spacingAndGlyphs"${look}>${escapeXml(word)}</text>`,
				);
			}
		}
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">
<title>${escapeXml(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${background}"/>
${parts.join('\n')}
</svg>
`;
};
