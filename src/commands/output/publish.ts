import * as z from 'zod';
import { reportSchema } from '../../runbook/report/report.ts';
import { configSchema } from '../../runbook/schema/config.ts';
import { runbookSchema } from '../../services/runbook-file/schema/runbook.ts';
import { outputSchema } from './schema.ts';

type Json = unknown;
type Members = Record<string, Json>;

const isMembers = (value: Json): value is Members =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

interface Rules {
	/** True when mappings outside lists are merged into those of the extended file, so that none of their keys is required. */
	readonly extendable: boolean;
	/** True when a text may contain a variable in place of the form that the schema asks for; the form is checked once it is filled in. */
	readonly fillable: boolean;
}

const relax = (schema: Json, rules: Rules, inList: boolean): Json => {
	if (Array.isArray(schema)) {
		return schema.map((item) => relax(item, rules, inList));
	}
	if (!isMembers(schema)) {
		return schema;
	}
	const out: Members = {};
	for (const [key, value] of Object.entries(schema)) {
		if (key === 'required' && rules.extendable && !inList) {
			continue;
		}
		if (key === 'pattern' && rules.fillable) {
			out.pattern = `(?:${String(value)})|\\$\\{`;
		} else if (key === 'oneOf') {
			// Without the key that distinguishes them, several of them match.
			out.anyOf = relax(value, rules, inList);
		} else if (key === 'properties' && isMembers(value)) {
			out.properties = Object.fromEntries(
				Object.entries(value).map(([name, property]) => [name, relax(property, rules, inList)]),
			);
		} else if (key === 'propertyNames' || key === 'default' || key === 'enum' || key === 'const') {
			out[key] = value;
		} else {
			out[key] = relax(value, rules, inList || key === 'items');
		}
	}
	return out;
};

const published = (schema: z.ZodType, title: string, rules: Rules): Json => {
	const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Members;
	return { $schema, title, ...(relax(rest, rules, false) as Members) };
};

/**
 * Returns the JSON Schemas (draft 7, which editors support best) of the two files a person writes, of the report and of all other
 * output, by file name.
 */
export const publishedSchemas = (): Readonly<Record<string, string>> => {
	const write = (value: Json) => `${JSON.stringify(value, null, '\t')}\n`;
	return {
		'output.schema.json': write(outputSchema()),
		'report.schema.json': write({
			...(z.toJSONSchema(reportSchema, { io: 'output', target: 'draft-7' }) as Members),
			title: 'Incident report of backout',
		}),
		'config.schema.json': write(published(configSchema, 'Config of backout', { extendable: false, fillable: false })),
		'runbook.schema.json': write(published(runbookSchema, 'Runbook of backout', { extendable: true, fillable: true })),
	};
};
