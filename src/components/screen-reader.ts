import type { Line } from './line.ts';

// Bars, charts, rules and corners mean nothing when read aloud.
const drawn = /[▁-█·]{2,}|[▁-█]|[─━│┬┴┤├┼┌┐└┘]+/g;
// Each has its word beside it.
const signs = /[●▲✗✓◔○◐◉▸▾■◌◆›▶▏]\s?|^\s*[?·]\s|(?<=\s)\?\s(?=unknown|not|\d)/g;

/** Returns a text for reading aloud: no drawing, no signs, a pause between columns. */
export const spokenText = (text: string): string =>
	text
		.replace(drawn, '  ')
		.replace(signs, '')
		.replace(/(?<=\s)–(?=\s|$)/g, 'none')
		.replaceAll(' · ', ', ')
		.trim()
		.replace(/,?\s{2,}/g, ', ');

const spokenRow = (row: Line): string => {
	const text = row.map((part) => part.spoken ?? part.text).join('');
	// A passed item has only a sign, where its word is not needed to see it.
	const passed = text.includes('✓') && !/pass|done|verified|held|good/.test(text);
	const spoken = spokenText(text) + (passed ? ', passed' : '');
	if (spoken === '') {
		return '';
	}
	// The frame of a dialog is beside it.
	if (row.every(({ text: part, tone }) => tone === 'selected' || spokenText(part) === '')) {
		return `Selected: ${spoken}`;
	}
	const [first = ''] = text;
	if (first === '┌') {
		return `Dialog: ${spoken}`;
	}
	return first === '─' || first === '━' ? `Panel ${spoken}${first === '━' ? ', focused' : ''}` : spoken;
};

/** Returns rows as lines to be read aloud, without empty ones. */
export const speak = (rows: readonly Line[]): string =>
	rows
		.map(spokenRow)
		.filter((line) => line !== '')
		.join('\n');
