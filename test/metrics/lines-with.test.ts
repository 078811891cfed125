import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExposition } from '../../src/services/metrics/exposition.ts';
import { linesWith } from '../../src/services/metrics/lines-with.ts';
import { runs } from '../fuzz/runs.ts';

test('only the lines with a name are taken, once and in their order', () => {
	const text = '# TYPE nav gauge\nb 1\nnav{a="b"} 2\nnav_total{of="nav"} 3\r\nc{x="y"} 4\n  {"nav"} 5\n\norders 6';
	expect(linesWith(Buffer.from(text), ['orders', 'nav'])).toBe(
		'# TYPE nav gauge\nnav{a="b"} 2\nnav_total{of="nav"} 3\r\n  {"nav"} 5\norders 6',
	);
	expect(linesWith(Buffer.from(text), ['none'])).toBe('');
	expect(linesWith(Buffer.alloc(0), ['nav'])).toBe('');
});

const piece = fc.constantFrom(
	...['a', 'ab', 'b', '_a', 'é', 'a{x="1"}', 'b{a="1"}', '{"a",x="1"}', ' # {id="a"} 1', ' 1', '\t2', ' NaN'],
	...['\n', '\n', '\n', '\n', '\r\n', ' ', '{', '}', '"', '\\', '\0'],
);

test('whatever the text, the samples of the names are those of the whole', () => {
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 60 }), fc.subarray(['a', 'ab', 'b', 'c']), (pieces, chosen) => {
			const body = Buffer.from(pieces.join(''));
			const names = new Set(chosen);
			const read = (text: string) => parseExposition(text, (name) => names.has(name)).samples;
			expect(read(linesWith(body, names))).toEqual(read(body.toString('utf8')));
		}),
		runs(2000),
	);
});
