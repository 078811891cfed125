import type { Shape } from './shapes/infer.ts';
import type * as shapes from './shapes/run.ts';

/** A target's readings at one moment, saved with a run: at its confirmation, and at its verdict. Sanitised and masked. */
export type CapturedReadings = Shape<typeof shapes.capturedReadings>;

/** One fact that was read from the host, in words. */
export type CapturedFact = CapturedReadings['seen'][number];

export type CapturedContainer = NonNullable<CapturedReadings['containers']>[number];

/** Returns the last readings for a moment; undefined if there are none. */
export const capturedAt = (
	all: readonly CapturedReadings[] | undefined,
	moment: CapturedReadings['moment'],
): CapturedReadings | undefined => all?.findLast((one) => one.moment === moment);
