import type { Shape } from './shapes/infer.ts';
import type * as shapes from './shapes/run.ts';

/**
 * The readings of a target at one moment, as they are kept with a run: when it was confirmed, and when it came to a
 * verdict. Sanitised and masked.
 */
export type CapturedReadings = Shape<typeof shapes.capturedReadings>;

/** One thing that was read of the host, in words. */
export type CapturedFact = CapturedReadings['seen'][number];

export type CapturedContainer = NonNullable<CapturedReadings['containers']>[number];

/** The last of a moment; undefined when there is none. */
export const capturedAt = (
	all: readonly CapturedReadings[] | undefined,
	moment: CapturedReadings['moment'],
): CapturedReadings | undefined => all?.findLast((one) => one.moment === moment);
