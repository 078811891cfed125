import { expect, test } from 'vitest';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';
import { errorsAndWanted, filesOf, marked, problemsOf, type RunbookMistake } from './problems.ts';

const cases: readonly RunbookMistake[] = [
	[
		'an unknown variable in a block',
		'title: >\n  one\n  two ▶${three}',
		'unknown variable "three"; known variables: directory, project',
	],
	['something else in braces', 'title: a ▶${x:-y}', 'not a variable: ${x:-y; known variables: directory, project'],
	[
		'a variable that refers to itself',
		'title: x\nvariables: { a: "${b}", b: "▶${a}" }',
		'variable "a" refers to itself: a -> b -> a',
	],
	[
		'a variable name',
		'title: x\nvariables: { ▶HealthPort: 1 }',
		'a name is made of a-z, 0-9 and _, and begins with a letter',
	],
	[
		'a reserved variable',
		'title: x\nvariables: { ▶run_id: 1, ▶http_proxy: x }',
		'this name is set by the program or read by others; choose another',
		'this name is set by the program or read by others; choose another',
	],
	['a list as a variable', 'title: x\nvariables: { a: ▶[1] }', 'expected a text, a number, true or false'],
	[
		'NUL',
		'title: x\nvariables: { a: ▶"\\0" }\nscripts: { b: ▶"echo \\0" }',
		'a text must not contain a NUL character',
		'a text must not contain a NUL character',
	],
	[
		'a duration without a unit',
		'title: x\nverification: { settle: ▶30 }',
		'a duration has a unit: 500ms, 30s, 3m, 26h, 7d',
	],
	['a duration', 'title: x\nverification: { settle: ▶soon }', 'expected a duration such as 500ms, 30s, 3m, 26h or 7d'],
	['a percentage', 'title: x\nmonitors: { disk: { warnAt: ▶180% } }', 'expected a percentage from 0% to 100%'],
	[
		'a URL',
		'title: x\nlinks: [{ title: y, url: ▶localhost:80 }]',
		'expected a URL that begins with http:// or https://',
	],
	[
		'a regular expression',
		"title: x\nchecks: { a: { kind: log-errors, service: s, pattern: ▶'(' } }",
		'not a regular expression: /(/iu: Unterminated group',
	],
	[
		'durations that no timer can wait for, and polls without a pause',
		`title: x
verification: { settle: 0s, deadline: ▶30d }
monitors: { health: [{ name: a, url: 'http://h/', interval: ▶0s, timeout: ▶0s }], alerts: { url: 'http://h', interval: ▶25d } }
checks: { a: { kind: http, url: 'http://h/', timeout: ▶99999999999999d }, b: { kind: script, run: ls, interval: ▶50ms } }`,
		'must be 24d or less',
		'must be 100ms or more',
		'must be 1ms or more',
		'must be 24d or less',
		'must be 24d or less',
		'must be 100ms or more',
	],
	[
		'URLs that begin well',
		`title: x
links: [{ title: a, url: ▶'http://a b/' }, { title: b, url: ▶'http://h:99999/' }, { title: c, url: ▶'https://' }, { title: d, url: ▶'http://h:0/' }]`,
		'not a URL: its host name or its port is not right',
		'not a URL: its host name or its port is not right',
		'not a URL: its host name or its port is not right',
		'a port is from 1 to 65535',
	],
	[
		'series, at the character that is wrong',
		`title: x
monitors:
  metrics:
    url: http://h/
    series:
      - { series: orders▶.total }
      - { series: 'a{b="c" ▶d="e"}' }
      - { series: 'a{b=''c'' ▶d="e"}' }
      - { series: "a{b=\\"\\u0063\\" ▶d=''}" }
      - { series: 'a{b=~▶"("}' }
      - series: >-
          a{b▶}`,
		'not a series: something unexpected is there before ".total"; a name with other characters is written {"orders.total"}',
		'not a series: a comma or } is missing before "d=\\"e\\"}"',
		'not a series: a comma or } is missing before "d=\\"e\\"}"',
		'not a series: a comma or } is missing before "d=\'\'}"',
		'not a regular expression: /(/u: Unterminated group',
		'not a series: one of = != =~ !~ is missing before "}"',
	],
	[
		'silences without an Alertmanager, and matchers without a value',
		`title: x
▶silence: { matchers: [▶{ name: a }, { name: ▶a-b, value: c }, ▶{ name: a, value: b, matches: c }], for: ▶1s }`,
		'a silence needs the url of an Alertmanager, here or in monitors.alerts',
		'a matcher has value or matches',
		'a label is made of letters, digits and _, and begins with a letter or _',
		'a matcher has value or matches',
		'must be from 10s to 1h',
	],
	[
		'a silence of everything',
		`title: x
silence: ▶{ url: 'http://h' }`,
		'a silence has matchers, service, or both: it never silences everything',
	],
	[
		'requests that cannot be made',
		`title: x
monitors:
  health:
    - { name: a, url: 'http://h/', headers: { ▶'a b': c } }
    - { name: b, url: 'http://h/', headers: { A: ▶"x\\ny" } }
    - { name: c, url: 'http://h/', headers: { A: { env: ▶A-B } } }
    - { name: d, url: 'http://h/', headers: { A: { ▶from: B, env: C } } }
    - { name: e, url: 'http://h/', socket: ▶run/app.sock }
    - { name: f, url: 'http://h/', fingerprint: ▶abc }
    - { name: g, url: 'http://h/', expect: { status: [200, ▶2x] } }
    - { name: h, url: 'http://h/', expect: { status: ▶99 } }
    - { name: i, url: 'http://h/', expect: { status: ▶[] } }`,
		'not a name of a header',
		'a header is one line of Latin-1 text',
		'expected the name of an environment variable',
		'unknown key "from" in a header; known keys: env, prefix',
		'expected an absolute path',
		'expected the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, also with colons between',
		'expected an HTTP status, such as 200, or a class of them, such as 2xx',
		'expected an HTTP status, such as 200, or a class of them, such as 2xx',
		'must not be empty',
	],
	[
		'a wrong type',
		'title: ▶[x]\nlinks: ▶{}\nchecks: ▶no',
		'expected a text, got a list',
		'expected a list, got a mapping',
		'expected a mapping, got a text',
	],
	['an empty value', '▶title:', 'expected a text, got nothing'],
	['an empty text', 'title: ▶""', 'must not be empty'],
	[
		'a monitor that is neither',
		'title: x\nmonitors: { metrics: ▶on }',
		'expected a mapping, or false to remove what is inherited',
	],
	[
		'a mistake inside a monitor',
		'title: x\nmonitors: { ▶alerts: { ▶uri: http://a/ } }',
		'"url" is missing',
		'unknown key "uri" in an alerts monitor; did you mean "url"?',
	],
	[
		'an unknown procedure in order and suggestions',
		'title: x\norder: [▶a]\nsuggestions: [{ procedure: ▶b, why: c, when: { failed: ▶d } }]',
		'unknown procedure "a"; there are none',
		'unknown procedure "b"; there are none',
		'unknown check "d"; there are none',
	],
	[
		'a suggestion for no reason',
		'title: x\nprocedures: { a: { title: A, risk: read-only } }\nsuggestions: [{ procedure: a, why: c, ▶when: {} }]',
		'a condition has at least one of: restarting, restartingBesides, stopped, unhealthy, running, commit, rebuilt, failed, evidence, body, error',
	],
	['a missing parent', 'extends: ▶compos', 'cannot read the runbook "compos": there is no such file'],
	['an unknown alias', 'title: ▶*t', 'unknown alias *t'],
	[
		'a name that JavaScript gives a meaning',
		'title: x\nchecks: { ▶__proto__: { kind: containers } }',
		'a key must be a plain word',
	],
];

test.each(cases)('%s', (_name, source, ...messages) => {
	const { errors, wanted } = errorsAndWanted(source, messages);
	expect(errors).toEqual(wanted);
});

test('a mistake in an extended runbook is reported in its own file, also when it only shows in the child', () => {
	const parent = marked(
		'title: P\nchecks: { a: { kind: containers, ▶exept: [b] } }\nprocedures:\n  p: { title: P, risk: read-only, steps: [{ id: a, title: A, script: ▶hello }] }',
	);
	const child = marked('extends: parent\nverification: { checks: [▶b] }\nprocedures: { ▶q: { disabled: true } }');
	expect(
		problemsOf(() => loadRunbook(child.text, 'child.yaml', { readRunbook: filesOf({ parent: parent.text }) })),
	).toEqual(
		[
			`child.yaml:${child.places[1]}: unknown procedure "q"; did you mean "p"?`,
			`child.yaml:${child.places[0]}: unknown check "b"; did you mean "a"?`,
			`parent.yaml:${parent.places[1]}: unknown script "hello"; there are none`,
			`parent.yaml:${parent.places[0]}: unknown key "exept" in a check "containers"; did you mean "except"?`,
		].sort(),
	);
});

test('a byte order mark is no character of the first line', () => {
	const load = (text: string) => problemsOf(() => loadRunbook(text, 'r.yaml', { readRunbook: filesOf({}) }));
	expect(load('\ufefftitel: x\nchecks: {}')).toContain(
		'r.yaml:1:1: unknown key "titel" in a runbook; did you mean "title"?',
	);
	expect(load('\ufefftitle: x\r\ncheks: {}')).toEqual([
		'r.yaml:2:1: unknown key "cheks" in a runbook; did you mean "checks"?',
	]);
});

test('runbooks that extend each other in a circle', () => {
	const read = filesOf({ a: 'extends: b', b: 'title: B\nextends: a' });
	expect(problemsOf(() => loadRunbook('extends: b', 'a.yaml', { readRunbook: read }))).toEqual([
		'b.yaml:2:10: extends goes round in a circle: a.yaml -> b.yaml -> a.yaml',
	]);
});

test('values that multiply by aliases, and nesting without end, are refused', () => {
	const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
	for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map((pair) => [...pair])) {
		bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
	}
	const load = (text: string) => problemsOf(() => loadRunbook(text, 'r.yaml', { readRunbook: filesOf({}) }));
	expect(load(bomb.join('\n'))[0]).toMatch(/^r\.yaml:\d+:\d+: too many values$/);
	expect(load('title: &t [*t]')[0]).toMatch(/^r\.yaml:\d+:\d+: (?:nested too deeply|YAML: .*)$/);
	expect(load('['.repeat(200_000))[0]).toMatch(/^r\.yaml:1:\d+: /);
});

test('variables that hold each other twice are stopped before they fill the memory', () => {
	const names = 'abcdefghijklmnopqrstuvwxyz'.split('');
	const lines = names.slice(1).map((name, index) => `  ${name}: "\${${names[index]}}\${${names[index]}}"`);
	const text = ['title: x', 'variables:', '  a: 0123456789', ...lines].join('\n');
	expect(problemsOf(() => loadRunbook(text, 'r.yaml', { readRunbook: filesOf({}) }))).toEqual([
		'r.yaml:16:7: this becomes too long once its variables are filled in',
	]);
});
