import { sanitiseLine } from '../terminal/sanitise.ts';
import type { FollowedLogs } from './followed-logs.ts';
import { type LinePattern, patternLabel } from './line-pattern.ts';
import { LogErrors } from './log-errors.ts';
import { createLogIndex, type FilterProgress, type LogIndex } from './log-index.ts';
import type { LogPalette } from './log-layout.ts';
import { markAbove, toggleMark } from './log-marks.ts';
import { LogSearch } from './log-search.ts';
import { createLogSources, type LogSources } from './log-sources.ts';
import { createLogPane } from './log-view-pane.ts';
import { createLogViewState, type Found, type LogViewState, type LogViewStore } from './log-view-state.ts';
import type { PaneView } from './pane-view.ts';
import type { Readable } from './store.ts';

/** One operator's view of logs: a filter, a search, marks, and the pane that shows it. */
export interface LogView {
	readonly logs: FollowedLogs;
	readonly pane: PaneView;
	readonly state: Readable<LogViewState>;
	readonly progress: Readable<FilterProgress>;
	/** Shows only the lines that match, and the notes; undefined shows all. The topmost line stays about where it is. */
	filter(pattern: LinePattern | undefined): void;
	/** Searches for a pattern: upwards from the end while following, else downwards. Undefined ends it. */
	search(pattern: LinePattern | undefined): Promise<Found>;
	/** Goes to the next match, or to the previous one. */
	toMatch(step: 1 | -1): Promise<Found>;
	/** Goes to the next line that the runbook calls an error, or to the previous one. */
	toError(step: 1 | -1): Promise<Found>;
	/** Marks the newest line while following, else the topmost in view; removes the mark if there is one. */
	mark(): void;
	/** Goes to the next mark above, and from the topmost one to the last. False when there are no marks. */
	toMark(): boolean;
	/** Returns all lines in memory, or those that pass the filter, for a file: with time and service. */
	saved(which: 'all' | 'filtered'): { readonly lines: number; bytes(): Iterable<Uint8Array> };
	close(): void;
}

export interface LogViewOptions {
	readonly colour: boolean;
	/** Colours for lines by their level. */
	readonly palette?: LogPalette;
	/** All services of the project, which alone decide on the colours. */
	readonly services: readonly string[];
}

export const createLogView = (logs: FollowedLogs, options: LogViewOptions): LogView =>
	new IndexedLogView(logs, options);

/** Shows a log through an index of the lines that pass its filter. Lines of the index have numbers of their own. */
class IndexedLogView implements LogView {
	readonly logs: FollowedLogs;
	readonly pane: PaneView;
	readonly state: LogViewStore = createLogViewState();
	readonly progress: LogIndex['progress'];
	readonly #index: LogIndex;
	readonly #sources: LogSources;
	readonly #search: LogSearch;
	readonly #errors: LogErrors;
	readonly #unsubscribe: () => void;

	constructor(logs: FollowedLogs, { colour, palette, services }: LogViewOptions) {
		const { state } = this;
		this.logs = logs;
		this.#index = createLogIndex(
			logs.lines,
			(line) => this.#textOf(line),
			(line) => state.get().marks.has(line),
		);
		this.progress = this.#index.progress;
		this.#sources = createLogSources(logs, services, colour);
		this.pane = createLogPane({ logs, index: this.#index, sources: this.#sources, state, colour, palette });
		this.#search = new LogSearch(this.#index, state, this.pane.reveal);
		this.#errors = new LogErrors(this.#index, logs.lines, (line) => this.#isError(line));
		this.#unsubscribe = this.progress.subscribe(() => this.#endSlowFilter());
	}

	filter(pattern: LinePattern | undefined): void {
		const { lineCount } = this.logs.lines;
		const following = this.#isFollowing();
		const top = this.#topLine();
		this.state.change({ filter: pattern, place: undefined });
		this.#index.filter(pattern, following ? lineCount : top);
		this.pane.renumbered(following ? 'newest' : pattern === undefined ? top : 0);
	}

	async search(pattern: LinePattern | undefined): Promise<Found> {
		this.#search.reset();
		this.state.change({ search: pattern, looking: undefined, error: undefined, place: undefined });
		if (pattern === undefined) {
			return 'broken off';
		}
		const found = await this.#find(pattern, 1);
		if (found === 'too slow') {
			this.state.change({ search: undefined });
		}
		return found;
	}

	toMatch(step: 1 | -1): Promise<Found> {
		const { search } = this.state.get();
		return search === undefined ? Promise.resolve('nothing' as const) : this.#find(search, step);
	}

	async toError(step: 1 | -1): Promise<Found> {
		const found = await this.#search.run({
			kind: 'error',
			words: 'an error',
			regexp: true,
			test: (line) => this.#isError(this.#index.toLog(line)),
			...this.#startOf(step),
		});
		const { error } = this.state.get();
		if (found === 'found' && error !== undefined) {
			void this.#errors.place(error).then((place) => {
				if (place !== undefined && this.state.get().error === error) {
					this.state.change({ place });
				}
			});
		}
		return found;
	}

	mark(): void {
		const { firstLine, lineCount } = this.logs.lines;
		const line = this.#isFollowing() ? this.#index.toLog(this.#index.lineCount - 1) : this.#topLine();
		if (line >= firstLine && line < lineCount) {
			this.state.change({ marks: toggleMark(this.state.get().marks, line, firstLine) });
		}
	}

	toMark(): boolean {
		const from = this.#isFollowing() ? Number.POSITIVE_INFINITY : this.#topLine();
		const next = markAbove(this.state.get().marks, from, this.logs.lines.firstLine);
		if (next === undefined) {
			return false;
		}
		this.pane.reveal(this.#index.fromLog(next));
		return true;
	}

	saved(which: 'all' | 'filtered'): { readonly lines: number; bytes(): Iterable<Uint8Array> } {
		const index = this.#index;
		const { firstLine: from, lineCount: to } = which === 'all' ? this.logs.lines : index;
		function* numbers() {
			for (let line = from; line < to; line++) {
				yield which === 'all' ? line : index.toLog(line);
			}
		}
		return { lines: to - from, bytes: () => this.#sources.saved(numbers()) };
	}

	close(): void {
		this.#search.cancel();
		this.#errors.cancel();
		this.#unsubscribe();
		this.#index.close();
	}

	#textOf(line: number): string {
		const bytes = this.logs.lines.line(line);
		return bytes === undefined ? '' : sanitiseLine(bytes, { colour: false }).text;
	}

	#topLine(): number {
		return this.#index.toLog(this.pane.top().line);
	}

	#isFollowing(): boolean {
		return this.pane.state.get().following;
	}

	/** Ends a filter whose expression takes too long, as the index has given it up. */
	#endSlowFilter(): void {
		if (this.progress.get().tooSlow && this.state.get().filter !== undefined) {
			this.state.change({ filter: undefined });
			this.pane.renumbered('newest');
		}
	}

	#isError(line: number): boolean {
		return !this.logs.lines.isNote(line) && this.#sources.isError(line, this.#textOf(line));
	}

	#find(pattern: LinePattern, step: 1 | -1): Promise<Found> {
		const { lines } = this.logs;
		return this.#search.run({
			kind: 'match',
			words: `/${patternLabel(pattern)}`,
			regexp: pattern.regexp,
			test: (each) => {
				const line = this.#index.toLog(each);
				return !lines.isNote(line) && pattern.test(this.#textOf(line));
			},
			...this.#startOf(step),
		});
	}

	/** Returns the start and direction of a search: upwards while the newest lines are followed. */
	#startOf(step: 1 | -1): { readonly from: number; readonly step: 1 | -1 } {
		if (this.#isFollowing()) {
			return { from: this.#index.lineCount - 1, step: -1 };
		}
		const { line } = this.pane.top();
		const { last } = this.#search;
		const isInView = last !== undefined && Math.abs(last - line) <= this.pane.shown().length;
		return { from: isInView ? last + step : line, step };
	}
}
