/** How closely a target is watched: all of it while it is looked at, the state alone and now and then while it is one of many. */
export interface PollRate {
	lean(): boolean;
}

export const closely: PollRate = { lean: () => false };

/** A time that may be another one at each look. */
export type Interval = number | (() => number);

export const msOf = (interval: Interval): number => (typeof interval === 'function' ? interval() : interval);

/**
 * `closeMs` while closely watched; else `leanMs`, a tenth more or less so that many targets do not fall into step. What
 * shares the interval stays in step.
 */
export const paced = (pace: PollRate, closeMs: number, leanMs: number): (() => number) => {
	const own = Math.round(leanMs * (0.9 + Math.random() * 0.2));
	return () => (pace.lean() ? own : closeMs);
};
