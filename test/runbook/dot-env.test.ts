import { expect, test } from 'vitest';
import { settingsOf } from '../../src/runbook/dot-env.ts';

// Each value is the one that Docker Compose 2.26 shows for this file (`docker compose config`).
test.each([
	['A=plain value # comment', 'plain value'],
	['A=va#lue', 'va#lue'],
	['A= # no value before it', '# no value before it'],
	['A="dq # value" # c', 'dq # value'],
	["A='sq $B value'", 'sq $B value'],
	[String.raw`A="a\"b\\c\$d"`, String.raw`a"b\c$d`],
	[String.raw`A="a\nb\tc"`, 'a\nb\tc'],
	[String.raw`A='it\'s'`, "it's"],
	[String.raw`A='a\nb'`, String.raw`a\nb`],
	[String.raw`A=a\nb\\c`, String.raw`a\nb\\c`],
	[String.raw`A="x\0101y"`, 'xAy'],
	['  export A=exported', 'exported'],
	['A: colon value', 'colon value'],
	['A:nospace', 'nospace'],
	['A = spaced', 'spaced'],
	['A=', ''],
	['A=a=b=c', 'a=b=c'],
	['A=ab"cd"ef', 'ab"cd"ef'],
	['A=a$$b', 'a$b'],
	['A=cost$5', 'cost$5'],
	['A="line one\nB=inside\nline three"\nC=after', 'line one\nB=inside\nline three'],
	["A='one\ntwo'", 'one\ntwo'],
	['\ufeffA=after a mark\r\n', 'after a mark'],
])('%j', (text, value) => {
	expect(settingsOf(text)[0]).toEqual(['A', value]);
});

test.each([
	['pre-${B}-post', 'pre-v#x-post'],
	['$B', 'v#x'],
	['"$B"', 'v#x'],
	['${NOPE:-de$B}', 'dev#x'],
	['"${NOPE-x}$B"', 'xv#x'],
	['${NOPE:-${NOPE2:-deep}}', 'deep'],
	['${B:+set}', 'set'],
	['${EMPTY:-other}', 'other'],
	['${EMPTY-other}', ''],
	[String.raw`"a$$b\$B"`, 'a$b$B'],
	// Compose takes what is not in the file from its own environment, which is not known here.
	['${NOPE}', '${NOPE}'],
])('%s', (reference, value) => {
	expect(settingsOf(`B=v#x\nEMPTY=\nA=${reference}`)).toContainEqual(['A', value]);
});

test('a value over several lines hides no setting after it, and a quote without an end only its line', () => {
	expect(settingsOf('A="1\n2"\nB=3\nC="4\nD=5')).toEqual([
		['A', '1\n2'],
		['B', '3'],
		['C', '4'],
		['D', '5'],
	]);
	expect(settingsOf('# A=1\n\nno setting\nB=2')).toEqual([['B', '2']]);
});
