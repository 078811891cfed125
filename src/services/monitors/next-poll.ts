/**
 * When to look again: at the next multiple of the interval from the first look on. One that is less than a quarter of the interval
 * away is left out, as after a look that was asked for. Moments are of one clock, all in ms.
 *
 * @param before when the last look began
 */
export const nextPollAt = (first: number, before: number, intervalMs: number): number =>
	first + Math.ceil((before - first) / intervalMs + 0.25) * intervalMs;
