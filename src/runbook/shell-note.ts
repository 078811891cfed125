import type { Operator } from './run.ts';

/** A line of the journal: a shell in a container was opened, or has ended. */
export interface ShellNote {
	/** The same in both lines of a shell. */
	readonly id: string;
	/** Time of it, ms since the epoch, by the clock of the operator's machine. */
	readonly at: number;
	readonly who: Operator;
	/** Name of the container. */
	readonly container: string;
	readonly service: string;
	/** Time for which it was open, ms; undefined in the line of its beginning. */
	readonly endedAfterMs?: number;
	/** Describes its end in a few words, unless that was its own `exit`. */
	readonly end?: string;
}

/** Formats the time for which a shell was open: `8 s`, `12 min`, `2 h 5 min`. */
export const openFor = (ms: number): string => {
	const seconds = Math.round(ms / 1000);
	const minutes = Math.floor(seconds / 60);
	return seconds < 60
		? `${seconds} s`
		: minutes < 60
			? `${minutes} min`
			: `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
};
