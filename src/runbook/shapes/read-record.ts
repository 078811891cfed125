import * as z from 'zod';
import { damagedFields } from './basics.ts';

// A run's folder was written by anyone who may write there, by another version, or only half because of a full disk. After this file, every
// value has the type that its shape says.

/** The result for a value that does not fit its shape at all. */
const misfit = Symbol('misfit');

type Loose = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Loose =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the empty value of a shape's type; a misfit for types without one. */
const emptyOf = (schema: z.core.$ZodType): unknown => {
	switch (schema._zod.def.type) {
		case 'string':
			return '';
		case 'number':
			return 0;
		case 'boolean':
			return false;
		case 'array':
			return [];
		case 'record':
			return {};
		case 'optional':
			return undefined;
		default:
			return misfit;
	}
};

const readMapping = (shape: z.core.$ZodShape, mapping: Loose): unknown => {
	const read: [string, unknown][] = [];
	for (const [name, schema] of Object.entries(shape)) {
		const found = readAs(schema, Object.hasOwn(mapping, name) ? mapping[name] : undefined);
		const rule = damagedFields.get(schema as z.ZodType);
		const value = found !== misfit ? found : rule?.must ? misfit : (rule?.standIn ?? emptyOf(schema));
		if (value === misfit) {
			return misfit;
		}
		if (value !== undefined) {
			read.push([name, value]);
		}
	}
	return Object.fromEntries(read);
};

/** Reads a value as this shape, as far as possible. */
const readAs = (schema: z.core.$ZodType, value: unknown): unknown => {
	if (schema instanceof z.ZodOptional) {
		const read = value === undefined ? undefined : readAs(schema.def.innerType, value);
		return read === misfit ? undefined : read;
	}
	if (schema instanceof z.ZodObject) {
		return readMapping(schema.shape, isMapping(value) ? value : {});
	}
	if (schema instanceof z.ZodArray) {
		return Array.isArray(value)
			? value.map((item: unknown) => readAs(schema.element, item)).filter((item) => item !== misfit)
			: misfit;
	}
	if (schema instanceof z.ZodRecord) {
		const { valueType } = schema.def;
		return isMapping(value)
			? Object.fromEntries(
					Object.entries(value)
						.map(([name, one]) => [name, readAs(valueType, one)] as const)
						.filter(([, one]) => one !== misfit),
				)
			: misfit;
	}
	const { success, data } = z.safeParse(schema, value);
	return success ? data : misfit;
};

/**
 * Reads a value of a record as a shape; never throws. Fields outside the shape are left out, damaged fields read as the shape says
 * (`must`, `orElse`), damaged items of a list are skipped. Undefined when nothing is usable.
 */
export const readRecord = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> | undefined => {
	const read = readAs(schema, value);
	return read === misfit ? undefined : (read as z.output<S>);
};
