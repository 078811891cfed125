import type { Line } from './line.ts';

// Bars and lines of a course say nothing aloud; nor do rules and corners.
const drawn = /[▁-█·]{2,}|[▁-█]|[─━│┬┴┤├┼┌┐└┘]+/g;
// Each has its word beside it.
const signs = /[●▲✗✓◔○◐◉▸▾■◌◆›▶▏]\s?|^\s*[?·]\s|(?<=\s)\?\s(?=unknown|not|\d)/g;

/** A text as it is read aloud: no drawing, no signs, a pause where columns part. */
export const spokenText = (text: string): string =>
	text
		.replace(drawn, '  ')
		.replace(signs, '')
		.replace(/(?<=\s)–(?=\s|$)/g, 'none')
		.replaceAll(' · ', ', ')
		.trim()
		.replace(/,?\s{2,}/g, ', ');

const spokenRow = (row: Line): string => {
	const text = row.map((part) => part.text).join('');
	// What holds is told by its sign alone where a word is not needed to see it.
	const passed = text.includes('✓') && !/pass|done|verified|held|good/.test(text);
	const spoken = spokenText(text) + (passed ? ', passed' : '');
	if (spoken === '') {
		return '';
	}
	// The frame of a dialog stands beside it.
	if (row.every(({ text: part, tone }) => tone === 'selected' || spokenText(part) === '')) {
		return `Selected: ${spoken}`;
	}
	const [first = ''] = text;
	if (first === '┌') {
		return `Dialog: ${spoken}`;
	}
	return first === '─' || first === '━' ? `Panel ${spoken}${first === '━' ? ', focused' : ''}` : spoken;
};

/** Rows as lines to be read aloud; what has nothing to say is left out. */
export const speak = (rows: readonly Line[]): string =>
	rows
		.map(spokenRow)
		.filter((line) => line !== '')
		.join('\n');
