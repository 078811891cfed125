import * as z from 'zod';
import { checkStates } from '../check-states.ts';

// Shapes of what the program writes down and prints: types are inferred from them (`Shape`), records of old runs are read
// with them (`readRecord`), and the published schemas are made of them. Nothing of a start may import a file of this folder
// but for its types: zod is loaded when a record is read.

/** A moment as all output tells it, but for the report's. */
export const moment = (what: string) => z.number().describe(`${what}, ms since the epoch`);
export const text = (what: string) => z.string().describe(what);
export const flag = (what: string) => z.boolean().describe(what);

/** How `readRecord` treats a field that is missing or damaged. */
export const damagedFields = z.registry<{ readonly must?: true; readonly standIn?: unknown }>();

/** A field without which the whole mapping means nothing: where it is damaged, the mapping is not there. */
export const must = <S extends z.ZodType>(schema: S): S => {
	damagedFields.add(schema, { must: true });
	return schema;
};

/** A field that reads as `standIn` where it is damaged. Others read as empty: '', 0, false, no items. */
export const orElse = <S extends z.ZodType>(schema: S, standIn: z.output<S>): S => {
	damagedFields.add(schema, { standIn });
	return schema;
};

export const readingState = z.enum(['ok', 'warn', 'down', 'unknown']);
export const checkState = z.enum(checkStates);
export const risk = z.enum(['read-only', 'disruptive', 'destructive']);
/** `lost`: the supervisor is gone without a result (host rebooted, killed). `unknown`: the host could not be reached, or has it no more. */
export const runState = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'timed-out', 'lost', 'unknown']);
export const stepState = z.enum(['pending', 'running', 'succeeded', 'failed', 'cancelled', 'timed-out', 'skipped']);
export const linkStatus = z.enum(['connecting', 'up', 'silent', 'reconnecting', 'refused', 'closed']);

/** An operator: the user's name and that of the machine where backout runs. */
export const who = z.strictObject({
	user: orElse(text('Name of the user'), 'unknown'),
	machine: orElse(text('Machine where backout ran'), 'unknown'),
});
