import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publishedSchemas } from '../../src/commands/output/publish.ts';
import { loadConfig } from '../../src/services/runbook-file/load-config.ts';
import { loadRunbook, type ReadRunbook } from '../../src/services/runbook-file/load-runbook.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

/** Built-in runbooks, by name. */
const readRunbook: ReadRunbook = (name) => ({ text: read('runbooks', `${name}.yaml`), file: `${name}.yaml` });

const fences = (page: string): string[] => [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);

/** All properties in a schema as `key:`, and its constants, the kinds of checks, as `kind: value`. */
const wordsOf = (schema: unknown): string[] => {
	if (typeof schema !== 'object' || schema === null) {
		return [];
	}
	const { properties = {}, ...rest } = schema as { properties?: Record<string, unknown>; const?: unknown };
	return [
		...Object.keys(properties).map((key) => `${key}:`),
		...Object.values(properties).flatMap(wordsOf),
		...(typeof rest.const === 'string' ? [`kind: ${rest.const}`] : []),
		...Object.values(rest).flatMap(wordsOf),
	];
};

/** Returns the parts of a schema that no example uses; comments do not count. */
const missing = (schema: string, text: string): string[] => {
	const examples = text.replace(/(?:^|\s)#.*$/gm, '');
	return [...new Set(wordsOf(JSON.parse(publishedSchemas()[schema] ?? '')))].filter(
		(word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(examples),
	);
};

test('the pieces of docs/runbooks.md are one runbook, with every key there is', () => {
	const text = fences(read('docs', 'runbooks.md')).join('\n');
	const runbook = loadRunbook(text, 'docs/runbooks.md', { readRunbook });
	expect(runbook.procedures.map(({ id }) => id).slice(0, 2)).toEqual(['deploy-older', 'load-dump']);
	expect(runbook.procedures.some(({ id }) => id === 'start-everything')).toBe(false);
	expect(missing('runbook.schema.json', text)).toEqual([]);
});

test('docs/config.md is a config with every key there is, and so is the example', () => {
	const page = fences(read('docs', 'config.md')).join('\n');
	const config = loadConfig(page, 'docs/config.md', { readRunbook });
	expect(config.targets.map(({ name }) => name)).toEqual(['production', 'here', 'stack', 'cluster']);
	expect(missing('config.schema.json', page)).toEqual([]);
	expect(loadConfig(read('docs', 'examples', 'backout.yaml'), 'backout.yaml', { readRunbook }).defaultTarget).toBe(
		'production',
	);
});

test('the names in the environment of scripts are those of the program', () => {
	const page = read('docs', 'runbooks.md');
	const step = read('src', 'services', 'runner', 'host', 'step.sh');
	for (const name of ['run_id', 'run_dir', 'restore_dir', 'run_facts', 'state_dir']) {
		expect(page).toContain(`\`${name}\``);
		expect(step).toContain(`${name}=`);
	}
});
