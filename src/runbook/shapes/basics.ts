import * as z from 'zod';
import { checkStates } from '../check-states.ts';

// Shapes of what the program saves and prints: types are inferred from them (`Shape`), old records are read with them (`readRecord`), and
// the published schemas are made from them. Code that runs at every start may import only types from this folder: zod is loaded when a
// record is read.

/** A time in the form of all output except the report. */
export const moment = (what: string) => z.number().describe(`${what}, ms since the epoch`);
export const text = (what: string) => z.string().describe(what);
export const flag = (what: string) => z.boolean().describe(what);

/** The treatment of a missing or damaged field by `readRecord`. */
export const damagedFields = z.registry<{ readonly must?: true; readonly standIn?: unknown }>();

/** A required field: if it is damaged, the whole mapping is left out. */
export const must = <S extends z.ZodType>(schema: S): S => {
	damagedFields.add(schema, { must: true });
	return schema;
};

/** A field that reads as `standIn` when damaged. Other fields read as empty: '', 0, false, no items. */
export const orElse = <S extends z.ZodType>(schema: S, standIn: z.output<S>): S => {
	damagedFields.add(schema, { standIn });
	return schema;
};

export const readingState = z.enum(['ok', 'warn', 'down', 'unknown']);
export const checkState = z.enum(checkStates);
export const risk = z.enum(['read-only', 'disruptive', 'destructive']);
/**
 * `lost`: the supervisor is gone without a result (host rebooted, killed). `unknown`: the host could not be reached, or no longer has it.
 */
export const runState = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'timed-out', 'lost', 'unknown']);
export const stepState = z.enum(['pending', 'running', 'succeeded', 'failed', 'cancelled', 'timed-out', 'skipped']);
export const linkStatus = z.enum(['connecting', 'up', 'silent', 'reconnecting', 'refused', 'closed']);

/** An operator: the name of the user, and the name of the machine where backout runs. */
export const who = z.strictObject({
	user: orElse(text('Name of the user'), 'unknown'),
	machine: orElse(text('Machine where backout ran'), 'unknown'),
});
