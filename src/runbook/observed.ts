import type { ReadingState } from './reading.ts';
import type { Who } from './who.ts';

/** One thing that was read of the host, in words. */
export interface Seen {
	/** What: `container trading-engine`, `health engine`, `alerts`. */
	readonly what: string;
	readonly state: ReadingState;
	/** What it said, one line. */
	readonly said: string;
	/** ms since the epoch, the clock of the machine that looked; 0 when it was never read. */
	readonly at: number;
	/** Too old, when it was taken down, to prove anything. */
	readonly stale: boolean;
}

export interface SeenContainer {
	readonly service: string;
	readonly name: string;
	readonly id: string;
	readonly image: string;
	readonly imageId: string;
	readonly status: string;
}

export interface SeenCommit {
	readonly hash: string;
	readonly subject: string;
	readonly branch?: string;
	readonly changed: number;
	readonly untracked: number;
}

/**
 * The readings of a target at one moment, as they are kept with a run: when it was confirmed, and when it came to a
 * verdict. Sanitised and masked.
 */
export interface Observed {
	readonly moment: 'before' | 'after';
	/** ms since the epoch, the clock of the machine that looked. */
	readonly at: number;
	readonly by: Who;
	readonly seen: readonly Seen[];
	readonly containers?: readonly SeenContainer[];
	readonly commit?: SeenCommit;
	/** When the trouble seems to have begun, ms since the epoch, and what says so. */
	readonly suspectedStart?: { readonly at: number; readonly why: string };
	/** What fitted the readings: the procedure that the runbook suggests, and why. */
	readonly suggestion?: { readonly procedure: string; readonly why: string };
}

/** The last of a moment; undefined when there is none. */
export const observedAt = (all: readonly Observed[] | undefined, moment: Observed['moment']): Observed | undefined =>
	all?.findLast((one) => one.moment === moment);
