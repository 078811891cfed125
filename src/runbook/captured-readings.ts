import type { Operator } from './operator.ts';
import type { ReadingState } from './reading.ts';

/** One thing that was read of the host, in words. */
export interface CapturedFact {
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

export interface CapturedContainer {
	readonly service: string;
	readonly name: string;
	readonly id: string;
	readonly image: string;
	readonly imageId: string;
	readonly status: string;
}

export interface CapturedCommit {
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
export interface CapturedReadings {
	readonly moment: 'before' | 'after';
	/** ms since the epoch, the clock of the machine that looked. */
	readonly at: number;
	readonly by: Operator;
	readonly seen: readonly CapturedFact[];
	readonly containers?: readonly CapturedContainer[];
	readonly commit?: CapturedCommit;
	/** When the trouble seems to have begun, ms since the epoch, and what says so. */
	readonly suspectedStart?: { readonly at: number; readonly why: string };
	/** What fitted the readings: the procedure that the runbook suggests, and why. */
	readonly suggestion?: { readonly procedure: string; readonly why: string };
}

/** The last of a moment; undefined when there is none. */
export const capturedAt = (
	all: readonly CapturedReadings[] | undefined,
	moment: CapturedReadings['moment'],
): CapturedReadings | undefined => all?.findLast((one) => one.moment === moment);
