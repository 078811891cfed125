import type { Operator } from './run.ts';

/** A line of the host's `unlocked`: somebody gave up the lock of a run on another host. */
export interface UnlockNote {
	readonly run: string;
	/** The host on which that run lived. */
	readonly node: string;
	/** ms since the epoch, by the clock of the operator's machine. */
	readonly at: number;
	readonly who: Operator;
	readonly reason: string;
}
