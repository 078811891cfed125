import * as z from 'zod';
import { outputLines } from './events.ts';

export type Json = unknown;
export type Members = Readonly<Record<string, Json>>;

/** The JSON Schema of each line of output, by its `type`. */
export const lineSchemas = (): Readonly<Record<string, Members>> =>
	Object.fromEntries(
		Object.entries(outputLines).map(([type, schema]) => {
			const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output', target: 'draft-7' }) as Members;
			return [type, rest];
		}),
	);

/** The JSON Schema of any line of output. */
export const outputSchema = (): Members => ({
	$schema: 'http://json-schema.org/draft-07/schema#',
	title: 'A line of the JSON output of backout',
	anyOf: Object.keys(outputLines).map((type) => ({ $ref: `#/definitions/${type}` })),
	definitions: lineSchemas(),
});
