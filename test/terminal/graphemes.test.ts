import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSingleCell } from '../../src/terminal/fast-width.ts';
import { graphemes } from '../../src/terminal/graphemes.ts';

const segmenter = new Intl.Segmenter();
const divided = (of: { segment(text: string): Iterable<Intl.SegmentData> }, text: string) =>
	[...of.segment(text)].map(({ segment, index, input }) => ({ segment, index, input }));

/** All code units that are taken for a character each, without asking a segmenter. */
const plain = Array.from({ length: 0x10000 }, (_, code) => code)
	.filter((code) => code === 0x1b || isSingleCell(code))
	.map((code) => String.fromCharCode(code));

test('a plain character joins neither the one before it nor the one behind it, whichever those are', () => {
	const each = plain.flatMap((character) => [character, character, 'a', character, '─', character, '\u001b']).join('');
	expect([...segmenter.segment(each)].map(({ segment }) => segment)).toEqual([...each]);
	expect(divided(graphemes, each)).toEqual(divided(segmenter, each));
});

test('any text is divided as by Intl.Segmenter, and each place is in the same character', () => {
	const part = fc.oneof(
		fc.constantFrom(...plain),
		fc.constantFrom('\r\n', '\r', '\u0301', '\u200d', '👩‍👩‍👧', '日', '한', '🇩🇪', '\ufe0f', '\ud83d', '\t', '\u00ad'),
		fc.string({ unit: 'binary' }),
	);
	fc.assert(
		fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
			const text = parts.join('');
			expect(divided(graphemes, text)).toEqual(divided(segmenter, text));
			const [ours, its] = [graphemes, segmenter].map((of) =>
				Array.from({ length: text.length + 2 }, (_, at) => of.segment(text).containing(at - 1)),
			);
			expect(ours).toEqual(its);
		}),
	);
});
