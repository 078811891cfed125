import type { CheckState } from './check.ts';

/** One look at all checks together. */
export interface Observation {
	/** `failed`: one of them fails; `unknown`: it is not known how they stand; `passed`: all hold now. */
	readonly state: CheckState;
	/** All have held together for the settling time. */
	readonly settled: boolean;
	/** ms, any clock that runs on. */
	readonly at: number;
}

/** For how long checks have failed, so that a failure that lasts can be told from one that passes. */
export interface FailureClock {
	look(look: Observation): void;
	readonly failedMs: number;
	/** The failure has lasted, and goes on: the last look failed as well. */
	readonly lasts: boolean;
}

/**
 * Adds up for how long checks fail: from a look that failed to the next one, whatever that says. Back to nothing only once
 * all have held together for the settling time, so that a service that comes up again and again between its crashes
 * counts as failing, and one that stumbled does not. What is not known adds nothing and takes nothing away. A single look
 * counts for a third of `holdMs` at most: four at least must fail, however rarely is looked.
 */
export const createFailureClock = (holdMs: number): FailureClock => {
	let failedMs = 0;
	let last: Observation | undefined;
	return {
		look: (look) => {
			if (last?.state === 'failed' && look.state !== 'unknown') {
				failedMs += Math.min(Math.max(0, look.at - last.at), holdMs / 3);
			}
			if (look.settled) {
				failedMs = 0;
			}
			last = look;
		},
		get failedMs() {
			return failedMs;
		},
		get lasts() {
			// A third three times is a whole, whatever floating point says.
			return last?.state === 'failed' && failedMs >= holdMs - 1;
		},
	};
};
