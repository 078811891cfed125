import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

const folder = join(import.meta.dirname, '..', '..', 'runbooks');
const read = (name: string) => readFileSync(join(folder, `${name}.yaml`), 'utf8');
const runbook = loadRunbook(read('abstractfinance'), 'abstractfinance.yaml', {
	readRunbook: (name) => ({ text: read(name), file: `${name}.yaml` }),
});

/** Takes here-documents out: their text is data, or a script that is looked at by itself. */
const withoutDocuments = (script: string): string => {
	const out: string[] = [];
	let end: string | undefined;
	for (const line of script.split('\n')) {
		if (end !== undefined) {
			end = line === end ? undefined : end;
			continue;
		}
		out.push(line);
		end = /<<-?\s*'?(\w+)'?/.exec(line)?.[1];
	}
	return out.join('\n');
};

/**
 * The expansions of a script that the shell would split into words and match against files (XCU 2.6.5, 2.6.6): those
 * outside of double quotes that are neither the value of an assignment nor the word of a `case`.
 */
const unquoted = (script: string): readonly string[] => {
	const found: string[] = [];
	const text = withoutDocuments(script);
	// The surroundings: code, or double quotes.
	const stack: ('code' | 'text' | 'arithmetic')[] = ['code'];
	let word = '';
	for (let at = 0; at < text.length; at++) {
		const inside = stack.at(-1);
		const character = text[at] ?? '';
		if (character === '\\') {
			at++;
		} else if (character === "'" && inside === 'code') {
			at = text.indexOf("'", at + 1);
			word += "'";
		} else if (character === '#' && inside === 'code' && /\s/.test(text[at - 1] ?? '\n')) {
			at = text.indexOf('\n', at) - 1;
		} else if (character === '"') {
			inside === 'text' ? stack.pop() : stack.push('text');
			word += '"';
		} else if (text.startsWith('$((', at)) {
			stack.push('arithmetic');
			at += 2;
		} else if (inside === 'arithmetic' && text.startsWith('))', at)) {
			stack.pop();
			at++;
		} else if (text.startsWith('$(', at) || (character === '(' && inside === 'code')) {
			stack.push('code');
			at += character === '$' ? 1 : 0;
			word = '';
		} else if (character === ')' && inside === 'code' && stack.length > 1) {
			stack.pop();
		} else if (inside === 'code' && character === '$') {
			const name = /^\$\{?([a-z_][a-z0-9_]*)/.exec(text.slice(at))?.[1];
			const before = text.slice(Math.max(0, at - 5), at);
			if (name !== undefined && !/^[a-z_][a-z0-9_]*=/.test(word) && before !== 'case ') {
				found.push(name);
			}
			word += character;
		} else if (inside === 'code' && /[\s;&|]/.test(character)) {
			word = '';
		} else {
			word += character;
		}
	}
	return found;
};

const scripts = new Map(
	runbook.procedures.flatMap(({ id, preconditions, previews, steps, inputs }) => [
		...preconditions.map((one) => [`${id}, precondition ${one.id}`, one.script] as const),
		...previews.map((one) => [`${id}, preview ${one.title}`, one.script] as const),
		...steps.map((one) => [`${id}, step ${one.id}`, one.script] as const),
		...inputs.map((one) => [`${id}, choices of ${one.name}`, one.choices] as const),
		...inputs.map((one) => [`${id}, resolve of ${one.name}`, one.resolve ?? ''] as const),
	]),
);
const given = new Set([
	...Object.keys(runbook.variables),
	...runbook.procedures.flatMap(({ inputs }) => inputs.map(({ name }) => name)),
	'value',
	'directory',
	'project',
	// Pathspecs with blanks between, behind `set -f` and `--`.
]);
given.delete('config_paths');

test('the scanner sees what it is for', () => {
	expect(unquoted('a=$x; echo "$x" \'$x\'; case $x in a) ;; esac; b="$(echo "$x")"')).toEqual([]);
	expect(unquoted('echo $x')).toEqual(['x']);
	expect(unquoted('echo "a $(ls ${y}) b" $((z + 1))')).toEqual(['y']);
});

test.each([...scripts])('%s keeps what it is given in one word, and evaluates nothing', (_, script) => {
	expect(unquoted(script).filter((name) => given.has(name))).toEqual([]);
	expect(script).not.toMatch(/(^|[;&|(\s])eval\s/);
	expect(script).not.toMatch(/\bsh -c\b|\bbash\b|(^|[;&|]\s*)source\s/m);
	// A format made of data would be read for % and \.
	expect(script).not.toMatch(/printf\s+"[^"]*\$/);
});
