import * as z from 'zod';
import { text } from '../../runbook/shapes/basics.ts';

/** The shape of a line of the output, by its `type`. */
export const line = <T extends string, F extends z.ZodRawShape>(type: T, what: string, fields: F) =>
	z.strictObject({ type: z.literal(type).describe('Type of this line'), ...fields }).describe(what);

export const exitCode = z.int().describe('Exit code of the command');

/** A key of all lines that are printed while a run is followed and do not name their target anyway. */
export const ofTarget = { target: text('Name of the target, with `run --targets`').optional() };
