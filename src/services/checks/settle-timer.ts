/** Since when a check has been passing without a break. */
export interface SettleTimer {
	/** It failed when it was looked at. */
	broke(): void;
	/** It could not be looked at. */
	lostSight(): void;
	/**
	 * It passed. What was not looked at has not held: only the host's own records reach back before the first look.
	 *
	 * @param at when it was looked at, ms
	 * @param recorded since when it has held by the host's own records, ms; they cover what was not seen, but not a look
	 *   that failed
	 * @returns since when it has held, ms
	 */
	since(at: number, recorded: number | undefined): number;
}

export const createSettleTimer = (): SettleTimer => {
	/** The first look that passed after the last that failed, or after the first of all; NaN: none yet. */
	let afterBreak = Number.NaN;
	let broken = false;
	/** The same, counted anew where it was out of sight. */
	let inSight = Number.NaN;
	return {
		broke: () => {
			broken = true;
			[afterBreak, inSight] = [Number.NaN, Number.NaN];
		},
		lostSight: () => {
			inSight = Number.NaN;
		},
		since: (at, recorded) => {
			afterBreak = Number.isNaN(afterBreak) ? at : afterBreak;
			inSight = Number.isNaN(inSight) ? at : inSight;
			return Math.min(at, recorded === undefined ? inSight : broken ? Math.max(recorded, afterBreak) : recorded);
		},
	};
};
