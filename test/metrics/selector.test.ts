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
	["http_requests_total{code='500'}", true],
	['http_requests_total{code=~`\\d+`}', true],
	['http_requests_total{path=~`(?i)/A"B`}', true],
	['http_requests_total{path=~`/A"B`}', false],
	['http_requests_total{path=~`\\/a\\"[\\-b]`}', true],
	['http_requests_total{code!~`5\\-0`}', true],
	['http_requests_total{code="\\x35\\u0030\\060"}', true],
	['{"http_requests_total"}', true],
	['{ "http_requests_total" , "code"="500" }', true],
	['{__name__="http_requests_total",code!="200"}', true],
	['{"other",code="500"}', false],
])('%s', (text, matches) => {
	expect(parseSelector(text).matches(sample)).toBe(matches);
});

test('a name with any characters is written in quotes', () => {
	const dotted = { name: 'http.server.duration', labels: { 'http.route': '/a' }, value: 1 };
	expect(parseSelector('{"http.server.duration"}').matches(dotted)).toBe(true);
	expect(parseSelector('{"http.server.duration", "http.route"=~"/.*"}').matches(dotted)).toBe(true);
	expect(parseSelector('{"http.server.duration", "http.route"="/b"}').matches(dotted)).toBe(false);
});

test.each([
	['', 'it has no name'],
	['{a="b"}', 'it has no name'],
	['a{b}', 'one of = != =~ !~ is missing before "}"'],
	['a{b="c', 'a value in quotes is missing before "\\"c"'],
	['a{b=c}', 'a value in quotes is missing before "c}"'],
	['a{b="c"} 1', 'something unexpected is there before "1"'],
	['a{b="c" d="e"}', 'a comma or } is missing before "d=\\"e\\"}"'],
	['a{', 'a label is missing at its end'],
	['orders.total', 'before ".total"; a name with other characters is written {"orders.total"}'],
	['a{b=~"("}', 'not a regular expression: /(/u: Unterminated group'],
	['a{b=~"(?P<x>a)"}', 'not a regular expression: '],
	['{"a","b"}', 'one of = != =~ !~ is missing'],
])('%s is no selector: %s', (text, why) => {
	expect(() => parseSelector(text)).toThrow(SyntaxError);
	expect(() => parseSelector(text)).toThrow(why);
});
