import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { publishedSchemas } from '../../src/commands/output/publish.ts';

const schemas = Object.entries(publishedSchemas());

test.each(schemas)('%s is up to date (npm run schema writes it)', (name, text) => {
	expect(readFileSync(join(import.meta.dirname, '..', '..', 'schema', name), 'utf8')).toBe(text);
});

/** Paths of all properties that have no description. */
const undescribed = (schema: unknown, path: string): string[] => {
	if (typeof schema !== 'object' || schema === null) {
		return [];
	}
	const { properties = {}, ...rest } = schema as { properties?: Record<string, { description?: string }> };
	return [
		...Object.entries(properties).flatMap(([name, property]) => [
			...(property.description ? [] : [`${path}.${name}`]),
			...undescribed(property, `${path}.${name}`),
		]),
		...Object.entries(rest).flatMap(([name, part]) => undescribed(part, `${path}/${name}`)),
	];
};

test.each(schemas)('every key in %s is described', (_name, text) => {
	expect(undescribed(JSON.parse(text), '')).toEqual([]);
});
