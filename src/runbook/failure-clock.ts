import type { CheckState } from './check.ts';

/** The state of all checks together, at one moment. */
export interface Observation {
	/** `failed`: one of them fails; `unknown`: their state is not known; `passed`: all pass now. */
	readonly state: CheckState;
	/** True when all have passed together for the settling time. */
	readonly settled: boolean;
	/** ms, by any clock that does not jump. */
	readonly at: number;
}

/** Measures how long checks have failed, to tell a lasting failure from a passing one. */
export interface FailureClock {
	look(look: Observation): void;
	readonly failedMs: number;
	/** True when the failure has lasted long enough, and the last observation failed as well. */
	readonly lasts: boolean;
}

/**
 * Adds up how long checks fail: from an observation that failed to the next one, whatever its state. It starts again only after all
 * have passed together for the settling time, so a service that comes up again and again between its crashes counts as failing, and one
 * that stumbled once does not. Unknown states change nothing. A single observation counts for at most a third of `holdMs`, so at least
 * four must fail, however rare they are.
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
			// Three times a third is a whole, despite floating point.
			return last?.state === 'failed' && failedMs >= holdMs - 1;
		},
	};
};
