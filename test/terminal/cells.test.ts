import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cellWidth, fitCells, sliceCells, truncateCells, wrapStarts } from '../../src/terminal/cells.ts';
import { sanitiseText } from '../../src/terminal/sanitise.ts';

const texts = fc
	.array(
		fc.oneof(fc.constantFrom('漢', 'ｱ', 'é', 'e\u0301', '한', '👍', '❤', 'a', 'ab c'), fc.string({ unit: 'grapheme' })),
		{
			maxLength: 20,
		},
	)
	.map((parts) => sanitiseText(parts.join('')));

describe('cells of a row', () => {
	it.each([
		['hello', 1, 3, 'ell'],
		['漢字', 0, 2, '漢'],
		['漢字', 0, 3, '漢 '],
		['漢字', 1, 2, '  '],
		['漢字', 1, 3, ' 字'],
		['漢', 0, 1, ' '],
		['ae\u0301b', 1, 1, 'e\u0301'],
		['ae\u0301b', 2, 1, 'b'],
		['abc', 5, 2, ''],
	])('%j from %d, %d wide, is %j', (text, from, width, part) => {
		expect(sliceCells(text, from, width)).toBe(part);
	});

	it('never makes a slice wider than asked for, and slices of all rows make up the text', () => {
		fc.assert(
			fc.property(texts, fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), (text, from, width) => {
				expect(cellWidth(sliceCells(text, from, width))).toBeLessThanOrEqual(width);
				expect(cellWidth(fitCells(text, width))).toBe(width);
				const starts = wrapStarts(text, Math.max(2, width));
				const rows = starts.map((start, index) => text.slice(start, starts[index + 1]));
				expect(rows.join('')).toBe(text);
				expect(Math.max(...rows.map(cellWidth))).toBeLessThanOrEqual(Math.max(2, width));
			}),
		);
	});

	it('has the widths of string-width for single characters', () => {
		for (const text of ['a', '漢', 'é', '👍', '❤', 'ｱ', '한', '→', '…', '␍', '\ufffd', 'ü', 'ß', '½', '─']) {
			expect([text, cellWidth(text)]).toEqual([text, stringWidth(text)]);
		}
	});

	it('says when something was cut off', () => {
		expect(truncateCells('abcdef', 4)).toBe('abc…');
		expect(truncateCells('漢字漢', 4)).toBe('漢 …');
		expect(truncateCells('abcd', 4)).toBe('abcd');
		expect(truncateCells('abcd', 0)).toBe('');
	});
});
