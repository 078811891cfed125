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
	/** Takes the next observation, in the order of their times. */
	observe(observation: Observation): void;
	readonly failedMs: number;
	/** True when the failure has lasted long enough, and the last observation failed as well. */
	readonly lasts: boolean;
}

/**
 * Creates a clock that adds up how long checks fail: from an observation that failed to the next one, whatever its state. It starts again
 * only after all have passed together for the settling time, so a service that comes up again and again between its crashes counts as
 * failing, and one that stumbled once does not. Unknown states change nothing. A single observation counts for at most a third of
 * `lastingMs`, so at least four must fail, however rare they are.
 *
 * @param lastingMs time for which checks must fail, ms
 */
export const createFailureClock = (lastingMs: number): FailureClock => {
	let failedMs = 0;
	let last: Observation | undefined;
	return {
		observe: (observation) => {
			if (last?.state === 'failed' && observation.state !== 'unknown') {
				failedMs += Math.min(Math.max(0, observation.at - last.at), lastingMs / 3);
			}
			if (observation.settled) {
				failedMs = 0;
			}
			last = observation;
		},
		get failedMs() {
			return failedMs;
		},
		get lasts() {
			// Three times a third is a whole, despite floating point.
			return last?.state === 'failed' && failedMs >= lastingMs - 1;
		},
	};
};
