import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExposition, sampleKey } from '../../src/services/metrics/exposition.ts';
import { createSeriesReader } from '../../src/services/metrics/series.ts';
import { runs } from '../fuzz/runs.ts';

const reader = (maxSamples = 1000) => createSeriesReader((name) => name.startsWith('a'), maxSamples);

test('a text whose series it knows says what it says to who reads it for the first time', () => {
	const read = reader();
	read('a{x="1"} 1\na{x="2"} 2\n# TYPE a gauge\na_total 3\n');
	const { values, badLines } = read('a{x="1"} 5\r\nb 1\na{x="3"} 6\na_total +Inf\na{x="2"} broken\na_total 9\n');
	expect([...values]).toEqual([
		['a[["x","1"]]', 5],
		['a[["x","3"]]', 6],
		['a_total[]', Number.POSITIVE_INFINITY],
	]);
	expect(badLines).toBe(1);
});

test('a value is no part of a series, with a time stamp or an exemplar behind it neither', () => {
	const read = reader();
	const scrape = (value: number, time: number) =>
		read(`a ${value} ${time}\na{b="c d"}  ${value} # {trace_id="x"} ${time}\na_b\t${value}\n`).values;
	for (const [value, time] of [
		[1, 1000],
		[2, 1000],
		[2, 2000],
		[1, 2000],
	] as const) {
		expect([...scrape(value, time).values()]).toEqual([value, value, value]);
	}
});

test('reading ends at so many', () => {
	const read = reader(2);
	for (let round = 0; round < 2; round++) {
		expect(read('a{b="1"} 1\na{b="1"} 2\na{b="2"} 3\n')).toEqual({
			values: new Map([['a[["b","1"]]', 1]]),
			twice: 1,
			badLines: 0,
		});
	}
});

const piece = fc.constantFrom(
	...['a', 'a{x="1"}', 'a{y="2",x="1"}', 'a{x="1",y="2"}', 'ab{x="3 # 4 5"}', '{"a",x="1"}', 'b', 'b{x="1"}'],
	...[
		' 1',
		' 2',
		'  2',
		'\t3',
		' -1e9',
		' NaN',
		' +Inf',
		' 1000',
		' # {id="x"} 1',
		' # {id="x"} 2',
		' no',
		' # TYPE a gauge',
	],
	...['\n', '\n', '\n', '\n', '\r\n', ' ', '{', '}', '"'],
);

test('whatever the text, it says what the parser says, at the first and at the second reading', () => {
	fc.assert(
		fc.property(fc.array(fc.array(piece, { maxLength: 40 }), { maxLength: 4 }), (texts) => {
			const read = reader();
			for (const text of [...texts, ...texts].map((pieces) => pieces.join(''))) {
				const { samples, badLines } = parseExposition(text, (name) => name.startsWith('a'));
				const values = new Map(samples.toReversed().map((sample) => [sampleKey(sample), sample.value]));
				const said = read(text);
				expect([...said.values].sort()).toEqual([...values].sort());
				expect(said.badLines).toBe(badLines);
				expect(said.twice).toBe(samples.length - values.size);
			}
		}),
		runs(1000),
	);
});
