import * as z from 'zod';
import { damagedFields } from './basics.ts';

// What a run's folder holds was written by whoever may write there, by another version, or half of it by a full disk. Nothing
// behind this file meets a value of another type than its shape says.

/** The value is nothing of its shape. */
const misfit = Symbol('misfit');

type Loose = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Loose =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** What reads as empty, by the type of its shape; a misfit for what can be no such thing. */
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

/** The value as this shape, as far as it is one. */
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
 * Reads a value of a record as a shape; never throws. What the shape does not have is left out, what is damaged reads as the
 * shape says of it (`must`, `orElse`), an item of a list that is damaged is passed over. Undefined where nothing can be made of it.
 */
export const readRecord = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> | undefined => {
	const read = readAs(schema, value);
	return read === misfit ? undefined : (read as z.output<S>);
};
