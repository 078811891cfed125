import type { LinePattern } from './line-pattern.ts';
import type { ErrorPlace } from './log-errors.ts';
import { createStore, type Readable } from './store.ts';

/** The operator's settings for a log view. */
export interface LogViewState {
	readonly filter: LinePattern | undefined;
	readonly search: LinePattern | undefined;
	/** Marked lines, by their number in the log, with the time they were marked, ms. */
	readonly marks: ReadonlyMap<number, number>;
	/** Description of the search in progress. */
	readonly looking: string | undefined;
	/** The number in the log of the error that was last gone to. */
	readonly error: number | undefined;
	/** Its position among all errors; undefined while they are not counted. */
	readonly place: ErrorPlace | undefined;
}

/** The result of a search for a line. */
export type Found = 'found' | 'nothing' | 'too slow' | 'broken off';

/** The state's store, with a setter for some of its fields. */
export interface LogViewStore extends Readable<LogViewState> {
	change(next: Partial<LogViewState>): void;
}

export const createLogViewState = (): LogViewStore => {
	const { get, subscribe, update } = createStore<LogViewState>({
		filter: undefined,
		search: undefined,
		marks: new Map(),
		looking: undefined,
		error: undefined,
		place: undefined,
	});
	return { get, subscribe, change: (next) => update((now) => ({ ...now, ...next })) };
};
