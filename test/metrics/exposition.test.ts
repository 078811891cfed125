import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExposition, sampleKey } from '../../src/services/metrics/exposition.ts';
import { runs } from '../fuzz/runs.ts';

const only = (text: string) => parseExposition(text).samples[0];

describe('the text format', () => {
	test('reads the example of its documentation', () => {
		const text = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
`;
		const { samples, types, badLines } = parseExposition(text);
		expect(badLines).toBe(0);
		expect(types.get('http_requests_total')).toBe('counter');
		expect(types.get('rpc_duration_seconds')).toBe('summary');
		expect(samples.map(({ name, value }) => [name, value])).toEqual([
			['http_requests_total', 1027],
			['http_requests_total', 3],
			['msdos_file_access_time_seconds', 1.458255915e9],
			['metric_without_timestamp_and_labels', 12.47],
			['something_weird', Number.POSITIVE_INFINITY],
			['rpc_duration_seconds', 3102],
			['rpc_duration_seconds_sum', 1.7560473e7],
		]);
		expect(samples[2]?.labels).toEqual({ path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' });
	});

	test('reads OpenMetrics: exemplars, fractional times, EOF, quoted names', () => {
		const text = `# TYPE foo counter
foo_total{a="b # c"} 17.0 1520879607.789 # {trace_id="x"} 0.67
{"http.server.duration",le="1"} 4
# EOF
`;
		const { samples, badLines } = parseExposition(text);
		expect(badLines).toBe(0);
		expect(samples).toEqual([
			{ name: 'foo_total', labels: { a: 'b # c' }, value: 17 },
			{ name: 'http.server.duration', labels: { le: '1' }, value: 4 },
		]);
	});

	test.each(['NaN', 'nan', '-Inf', '+Inf', 'Inf', '1e-3', '-0', '.5', '0x1F'])('reads the value %s', (text) => {
		expect(parseExposition(`a ${text}\n`)).toMatchObject({ badLines: 0, samples: [{ name: 'a' }] });
	});

	test.each(['a', 'a{', 'a{b="c}', 'a{b=c} 1', 'a 1 2 3', '<html>', 'a one', '{} 1', 'a{b="c"x="d"} 1', '1a 2'])(
		'counts the bad line %s and goes on',
		(line) => {
			const { samples, badLines } = parseExposition(`${line}\ngood 1\n`);
			expect(badLines).toBe(1);
			expect(samples).toEqual([{ name: 'good', labels: {}, value: 1 }]);
		},
	);

	test('takes a label called __proto__ for what it is', () => {
		const sample = only('a{__proto__="x"} 1');
		expect(Object.entries(sample?.labels ?? {})).toEqual([['__proto__', 'x']]);
	});

	test('takes lines that end with CRLF, a missing last line end, and a trailing comma', () => {
		expect(parseExposition('a{b="c",} 1\r\nd 2').samples).toEqual([
			{ name: 'a', labels: { b: 'c' }, value: 1 },
			{ name: 'd', labels: {}, value: 2 },
		]);
	});
});

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/);
const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
const sample = fc.record({
	name,
	labels: fc.dictionary(label, fc.string({ unit: 'binary' }), { maxKeys: 4 }),
	value: number,
});
const write = (value: number) =>
	Number.isFinite(value) ? `${value}` : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

test('what is written is read again', () => {
	fc.assert(
		fc.property(fc.array(sample), (samples) => {
			const text = samples
				.map(({ name, labels, value }) => {
					const inside = Object.entries(labels).map(([key, is]) => `${key}="${escaped(is)}"`);
					return `${name}{${inside.join(',')}} ${write(value)}\n`;
				})
				.join('');
			const read = parseExposition(text);
			expect(read.badLines).toBe(0);
			expect(read.samples.map((one) => [one.name, { ...one.labels }, one.value])).toEqual(
				samples.map((one) => [one.name, { ...one.labels }, Object.is(one.value, -0) ? 0 : one.value]),
			);
		}),
		runs(100),
	);
});

test('no text whatever makes it throw', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			parseExposition(text);
			parseExposition(`a{${text}`);
		}),
		runs(100),
	);
});

test('a series has the same key whatever the order of its labels', () => {
	const [a, b] = parseExposition('x{a="1",b="2"} 1\nx{b="2",a="1"} 2\n').samples;
	expect(a && sampleKey(a)).toBe(b && sampleKey(b));
});
