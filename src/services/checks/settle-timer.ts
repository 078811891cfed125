/** Tracks since when a check has been passing without a break. */
export interface SettleTimer {
	/** Records that it failed. */
	broke(): void;
	/** Records that it could not run. */
	lostSight(): void;
	/**
	 * Records that it passed. Only the host's own records reach back before the first run.
	 *
	 * @param at time of the run, ms
	 * @param recorded since when it has passed by the host's own records, ms; they cover times between runs, but not a run that failed
	 * @returns since when it has passed, ms
	 */
	since(at: number, recorded: number | undefined): number;
}

export const createSettleTimer = (): SettleTimer => {
	/** The first pass after the last failure, or the first of all; NaN: none yet. */
	let afterBreak = Number.NaN;
	let broken = false;
	/** The same, but starting again after a run that could not take place. */
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
