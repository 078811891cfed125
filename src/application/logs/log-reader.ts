import type { Instance } from '../../engine/instance.ts';

/** Reads one container's log, each line once, through restarts and losses. What it gives is for its own sink. */
export interface LogReader<T> {
	/** Reads on from the last line. Ends where Docker ends it. */
	read(
		details: Instance,
		options: { readonly follow: boolean; readonly signal: AbortSignal },
	): AsyncGenerator<T, void, undefined>;
	/** False when a reading did not go on where the one before it was left; whoever has said so sets it again. */
	wentOn: boolean;
}

/** What a follower notices of its container beside the log. */
export type FollowEvent =
	/** It can be read again; `isComplete`: no line is missing. */
	| { readonly kind: 'resumed'; readonly isComplete: boolean; readonly outage?: OutageNote }
	/** It runs again. */
	| { readonly kind: 'started'; readonly details: Instance }
	/** It has stopped, and its log is read to the end. */
	| { readonly kind: 'ended'; readonly details: Instance };

/** An outage as one of the logs that it cut off tells of it. */
export interface OutageNote {
	/** ms since the epoch, this machine's clock. */
	readonly from: number;
	/** No other log has told of it before. */
	readonly isFirst: boolean;
}
