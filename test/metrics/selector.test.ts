import { expect, test } from 'vitest';
import { parseSelector } from '../../src/services/metrics/selector.ts';

const sample = { name: 'http_requests_total', labels: { code: '500', path: '/a"b' }, value: 1 };

test.each([
	['http_requests_total', true],
	['http_requests', false],
	['http_requests_total{}', true],
	['http_requests_total{code="500"}', true],
	['http_requests_total{code="50"}', false],
	['http_requests_total{code=~"5.."}', true],
	['http_requests_total{code=~"5."}', false],
	['http_requests_total{code!~"5..", path!="x"}', false],
	['http_requests_total{code!="200",path="/a\\"b",}', true],
	['http_requests_total{absent=""}', true],
	['http_requests_total{absent!=""}', false],
])('%s', (text, matches) => {
	expect(parseSelector(text).matches(sample)).toBe(matches);
});

test.each(['', '{a="b"}', 'a{b}', 'a{b="c', 'a{b="c"} 1', 'a{b="c" d="e"}', 'a{b=~"("}'])(
	'%s is no selector',
	(text) => {
		expect(() => parseSelector(text)).toThrow(SyntaxError);
	},
);
