import stringWidth from 'string-width';

/**
 * Blocks of Unicode whose characters all take one cell: letters of Latin, punctuation, arrows, mathematical operators, box
 * drawing, blocks and shapes; without what is invisible or drawn as an emoji. A test compares each with string-width.
 */
const single: readonly (readonly [number, number])[] = [
	[0x20, 0x7e],
	[0xa0, 0xac],
	[0xae, 0x2ff],
	[0x2010, 0x2027],
	[0x2030, 0x205e],
	[0x2190, 0x2319],
	[0x2500, 0x25fc],
	[0x25ff, 0x25ff],
	[0x2713, 0x2713],
	[0x2717, 0x2717],
];

/** True for a code unit that is a whole character of one cell, and joins no other. False also if that is not known. */
export const isSingleCell = (code: number): boolean =>
	(code >= 0x20 && code <= 0x7e) || single.some(([from, to]) => code >= from && code <= to);

/** Select Graphic Rendition (ECMA-48, 8.3.117): takes no cell. */
const sgr = /\u001b\[[\d;:]*m/g;

/** Returns the same width as string-width, without loading it for texts of plain signs. */
const width = (text: string, options?: Parameters<typeof stringWidth>[1]): number => {
	if (options === undefined && typeof text === 'string') {
		const plain = text.includes('\u001b') ? text.replaceAll(sgr, '') : text;
		let at = 0;
		while (at < plain.length && isSingleCell(plain.charCodeAt(at))) {
			at++;
		}
		if (at === plain.length) {
			return at;
		}
	}
	return stringWidth(text, options);
};

export default width;
