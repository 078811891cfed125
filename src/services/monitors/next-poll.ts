/**
 * Returns the time of the next poll: the next multiple of the interval since the first one. One that is less than a quarter of the interval
 * away is skipped, as after an extra poll. Times are of one clock, all in ms.
 *
 * @param before start of the last poll
 */
export const nextPollAt = (first: number, before: number, intervalMs: number): number =>
	first + Math.ceil((before - first) / intervalMs + 0.25) * intervalMs;
