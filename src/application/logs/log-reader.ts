import type { Instance } from '../../engine/instance.ts';

/** Reads one container's log, each line once, through restarts and losses. Its output suits only its own sink. */
export interface LogReader<T> {
	/** Reads on from the last line. Ends when Docker ends it. */
	read(
		details: Instance,
		options: { readonly follow: boolean; readonly signal: AbortSignal },
	): AsyncGenerator<T, void, undefined>;
	/** False when a read did not continue where the last one stopped; the caller that reports it sets it back. */
	wentOn: boolean;
}

/** Events of a followed container, besides its log. */
export type FollowEvent =
	/** It can be read again; `isComplete`: no line is missing. */
	| { readonly kind: 'resumed'; readonly isComplete: boolean; readonly outage?: OutageNote }
	/** It runs again. */
	| { readonly kind: 'started'; readonly details: Instance }
	/** It has stopped, and its log is read completely. */
	| { readonly kind: 'ended'; readonly details: Instance };

/** An outage, as reported in one of the logs that it interrupted. */
export interface OutageNote {
	/** ms since the epoch, this machine's clock. */
	readonly from: number;
	/** True when no other log has reported it before. */
	readonly isFirst: boolean;
}
