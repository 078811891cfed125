import type { LinePattern } from './line-pattern.ts';
import type { ErrorPlace } from './log-errors.ts';
import { createStore, type Readable } from './store.ts';

/** What an operator has set on a log that is being viewed. */
export interface LogViewState {
	readonly filter: LinePattern | undefined;
	readonly search: LinePattern | undefined;
	/** Marked lines, by their number in the log, with the time they were marked, ms. */
	readonly marks: ReadonlyMap<number, number>;
	/** What is being looked for. */
	readonly looking: string | undefined;
	/** The line that is an error and was gone to, by its number in the log. */
	readonly error: number | undefined;
	/** Which error of how many that is; undefined while it is not counted. */
	readonly place: ErrorPlace | undefined;
}

/** What came of looking for a line. */
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
