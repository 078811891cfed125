import type * as z from 'zod';

type ReadOnly<T> = T extends readonly (infer E)[]
	? readonly ReadOnly<E>[]
	: T extends object
		? { readonly [K in keyof T]: ReadOnly<T[K]> }
		: T;

/** The type of a value of a shape; read-only. */
export type Shape<S extends z.ZodType> = ReadOnly<z.infer<S>>;

/** The type of a mapping of these fields. */
export type Fields<F extends z.ZodRawShape> = Shape<z.ZodObject<F>>;
