import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exec } from '../../lab/exec.ts';

const functions = readFileSync(join(import.meta.dirname, '../../../src/engines/docker/json.sh'), 'utf8');
const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([name]) =>
	['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, name ?? ''))),
);

/** Runs a call of json.sh; `input` comes from a variable, as `sh` reads its program from standard input. */
const call = async ([shell = 'sh', ...words]: readonly string[], line: string, input: unknown): Promise<string> => {
	const text = typeof input === 'string' ? input : JSON.stringify(input);
	const script = `${functions}\nprintf '%s' "$json" | ${line}\n`;
	const { stdout, stderr } = await exec(shell, [...words, '-s'], { input: script, env: { json: text } });
	return `${stdout}${stderr}`.trim();
};

describe.each(shells)('JSON in %s', (...shell) => {
	test('is read row by row, whatever is in a text', async () => {
		const rows = [
			{
				ID: 'a',
				Spec: { Name: 'x, "y": {z}', Labels: { 'com.docker.stack.image': 'app:1' }, None: {} },
				Version: { Index: 7 },
			},
			{ ID: 'ä\\b\n', Spec: { List: [{ Name: 'p' }, { Name: 'q' }] } },
		];
		const paths = 'ID Spec.Name Spec.Labels.com.docker.stack.image Version.Index Spec.None Spec.List.1.Name';
		expect(await call(shell, `json_rows ${paths}`, rows)).toBe(
			'a\tx, \\"y\\": {z}\tapp:1\t7\t{}\t-\nä\\\\b\\n\t-\t-\t-\t-\tq',
		);
		expect(await call(shell, 'json_rows ID', [])).toBe('');
	});

	test('gives an object without some of its members', async () => {
		const row = { Spec: { Placement: { a: [1, { Placement: 2 }] }, Keep: { Placement: 3 }, Runtime: 'container' } };
		expect(await call(shell, 'json_row "Spec!Placement,Runtime"', row)).toBe('{"Keep":{"Placement":3}}');
	});

	test('is shown line by line, for people to compare', async () => {
		expect(await call(shell, 'json_lines', { A: { 'b.c': [1, { D: 'x, {' }] }, E: {}, F: null })).toBe(
			'A.b.c.0 1\nA.b.c.1.D "x, {"\nF null',
		);
	});

	test('is changed in one place, and stays the same byte for byte elsewhere', async () => {
		const spec =
			'{"A":{"Image":"app:2","Env":["B=\\u003c, {\\"}"]},"Image":1.50e3,"L":[{"ID":"x"},{"ID":"y"}],"N":null}';
		expect(await call(shell, 'json_set none 1', spec)).toBe(spec);
		expect(await call(shell, `json_set A.Image "$(json_text 'a\\"&')" L.1.ID '{"z":[]}'`, spec)).toBe(
			spec.replace('"app:2"', '"a\\\\\\"&"').replace('"y"', '{"z":[]}'),
		);
	});
});
