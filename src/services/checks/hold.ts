/** Since when a check has been passing without a break. */
export interface Hold {
	/** A look failed. */
	broke(): void;
	/** It was not known how it stands. */
	lostSight(): void;
	/**
	 * A look passed.
	 *
	 * @param recorded what the host's own records say; they cover what was not seen, but not a look that failed.
	 * @param started when the newest container started. A check without records that was never seen otherwise has held
	 *   since then; after a time out of sight, only since it was seen again.
	 */
	since(at: number, recorded: number | undefined, started: number | undefined): number;
}

export const createHold = (): Hold => {
	let seen = false;
	/** NaN: broken, no pass since. */
	let afterBreak = 0;
	let inSight = 0;
	return {
		broke: () => {
			seen = true;
			afterBreak = Number.NaN;
		},
		lostSight: () => {
			if (seen) {
				inSight = Number.NaN;
			}
		},
		since: (at, recorded, started) => {
			seen = true;
			afterBreak = Number.isNaN(afterBreak) ? at : afterBreak;
			inSight = Number.isNaN(inSight) ? at : inSight;
			return Math.min(
				at,
				recorded === undefined ? Math.max(started ?? at, afterBreak, inSight) : Math.max(recorded, afterBreak),
			);
		},
	};
};
