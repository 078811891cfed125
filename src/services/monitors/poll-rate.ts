/** How often a target is polled: everything while it is shown, only its state and rarely while it is one of many. */
export interface PollRate {
	lean(): boolean;
}

export const closely: PollRate = { lean: () => false };

/** A time that may change from one poll to the next, ms. */
export type Interval = number | (() => number);

export const msOf = (interval: Interval): number => (typeof interval === 'function' ? interval() : interval);

/**
 * Returns `closeMs` at the full rate; else `leanMs`, varied by up to a tenth so that many targets do not poll at the same moment. Monitors
 * that share the interval stay in step.
 */
export const paced = (pace: PollRate, closeMs: number, leanMs: number): (() => number) => {
	const own = Math.round(leanMs * (0.9 + Math.random() * 0.2));
	return () => (pace.lean() ? own : closeMs);
};
