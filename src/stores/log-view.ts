import { cellWidth, fitCells } from '../terminal/cells.ts';
import { sanitiseLine, sanitiseText } from '../terminal/sanitise.ts';
import { applyStyle } from '../terminal/sgr.ts';
import type { FollowedLogs } from './followed-logs.ts';
import { type LinePattern, patternLabel } from './line-pattern.ts';
import { createLogIndex, type FilterProgress } from './log-index.ts';
import { stampOf } from './log-lines.ts';
import { clockLabel, counted, dayClock, grouped, type PaneDress } from './pane-draw.ts';
import { createPaneView, type PaneView } from './pane-view.ts';
import { RegexTimeoutError, withRegexTimeout } from './regex-timeout.ts';
import { createStore, type Readable } from './store.ts';

export interface LogViewState {
	readonly filter: LinePattern | undefined;
	readonly search: LinePattern | undefined;
	/** Marked lines, by their number in the log, with the time they were marked, ms. */
	readonly marks: ReadonlyMap<number, number>;
	/** What is being looked for. */
	readonly looking: string | undefined;
	/** The line that is an error and was gone to, by its number in the log. */
	readonly error: number | undefined;
}

/** What came of looking for a line. */
export type Found = 'found' | 'nothing' | 'too slow' | 'broken off';

/** Logs as one operator looks at them: a filter, a search, marks, and the pane that shows it. */
export interface LogView {
	readonly logs: FollowedLogs;
	readonly pane: PaneView;
	readonly state: Readable<LogViewState>;
	readonly progress: Readable<FilterProgress>;
	/** Shows only the lines that match, and the notes; undefined shows all. The topmost line stays about where it is. */
	filter(pattern: LinePattern | undefined): void;
	/** Looks for a pattern: upwards from the end for who follows, else downwards. Undefined ends it. */
	search(pattern: LinePattern | undefined): Promise<Found>;
	/** To the next match, or the one before it. */
	toMatch(step: 1 | -1): Promise<Found>;
	/** To the next line that the runbook calls an error, or the one before it. */
	toError(step: 1 | -1): Promise<Found>;
	/** Marks the newest line for who follows, else the topmost in view; takes the mark away where there is one. */
	mark(): void;
	/** To the next mark above, from the topmost one to the last. Gives whether there is any. */
	toMark(): boolean;
	/** All lines in memory, or those that the filter lets through, as they are saved: with time and service. */
	saved(which: 'all' | 'filtered'): { readonly lines: number; bytes(): Iterable<Uint8Array> };
	close(): void;
}

/** At most so long at a time, ms, and for one line at the most. */
const sliceMs = 6;
const regexBudgetMs = 150;
const widestLabel = 16;

/** One of the terminal's own colours for each service; red is for errors. */
const colours = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94] as const;

export interface LogViewOptions {
	readonly colour: boolean;
	/** All services of the project: which one has which colour depends on nothing else. */
	readonly services: readonly string[];
}

export const createLogView = (logs: FollowedLogs, { colour, services }: LogViewOptions): LogView => {
	const { lines } = logs;
	const state = createStore<LogViewState>({
		filter: undefined,
		search: undefined,
		marks: new Map(),
		looking: undefined,
		error: undefined,
	});
	const change = (next: Partial<LogViewState>) => state.update((now) => ({ ...now, ...next }));
	const textOf = (line: number): string => {
		const bytes = lines.line(line);
		return bytes === undefined ? '' : sanitiseLine(bytes, { colour: false }).text;
	};
	const index = createLogIndex(lines, textOf, (line) => state.get().marks.has(line));

	const ordered = [...services].sort();
	const labels = () => logs.sources.get();
	const marginCells = () => {
		const all = labels();
		return logs.services.length < 2 && all.length < 2
			? 0
			: Math.min(widestLabel, Math.max(4, ...all.map(({ label }) => cellWidth(sanitiseText(label))))) + 3;
	};
	const labelRow = (line: number) => {
		const at = index.toLog(line);
		const source = labels()[lines.source(at) ?? -1];
		const cells = marginCells();
		const label = fitCells(sanitiseText(source?.label ?? ''), cells - 3);
		const place = ordered.indexOf(source?.service ?? '');
		const look = colour ? { colour: colours[Math.max(0, place) % colours.length] } : {};
		return { text: `${applyStyle(label, look)} ${applyStyle('│', { dim: true })} `, cells };
	};
	const marked = (line: number): string | undefined => {
		const at = index.toLog(line);
		const { marks } = state.get();
		const time = marks.get(at);
		if (time === undefined) {
			return undefined;
		}
		const number = [...marks.keys()].sort((a, b) => a - b).indexOf(at) + 1;
		return `mark ${number} of ${marks.size}, set at ${clockLabel(time).trim()}`;
	};
	const remarks: PaneDress['remarks'] = ({ status, follow }) => {
		const { search, filter, looking } = state.get();
		const { matching, missed } = index.progress.get();
		const count = counted(lines.held, 'line');
		const isLost = logs.status.get().status === 'lost';
		return [
			isLost ? status : '',
			filter === undefined ? '' : `${grouped(matching)} of ${count} match`,
			looking ?? '',
			follow,
			isLost ? '' : status,
			search === undefined ? '' : `/${patternLabel(search)}`,
			filter === undefined ? count : '',
			lines.dropped > 0 ? `oldest ${counted(lines.dropped, 'line')} not in memory` : '',
			missed > 0 ? `${counted(missed, 'line')} went by unfiltered` : '',
			pane.state.get().wrap ? 'wrapped' : '',
			pane.state.get().shift > 0 ? `from column ${pane.state.get().shift + 1}` : '',
		];
	};
	const noteLook = (line: number) => lines.isNote(index.toLog(line));
	const pane: PaneView = createPaneView(index, {
		colour,
		margin: { cells: marginCells, row: labelRow },
		rule: marked,
		isNote: noteLook,
		isPointedAt: (line) => state.get().error === index.toLog(line),
		highlights: (text) => state.get().search?.matches(text) ?? [],
		clock: dayClock,
		remarks,
	});
	const draw: PaneView['draw'] = (look) => {
		const { search } = state.get();
		if (search?.regexp !== true) {
			return pane.draw(look);
		}
		try {
			return withRegexTimeout(() => pane.draw(look), regexBudgetMs);
		} catch (error) {
			if (!(error instanceof RegexTimeoutError)) {
				throw error;
			}
			change({ search: undefined });
			return pane.draw(look);
		}
	};

	const topLine = () => index.toLog(pane.top().line);
	const isFollowing = () => pane.state.get().following;
	const applyFilter = (pattern: LinePattern | undefined) => {
		const following = isFollowing();
		const top = topLine();
		change({ filter: pattern });
		index.filter(pattern, following ? lines.lineCount : top);
		pane.renumbered(following ? 'newest' : pattern === undefined ? top : 0);
	};
	const endSlow = index.progress.subscribe(() => {
		if (index.progress.get().tooSlow && state.get().filter !== undefined) {
			change({ filter: undefined });
			pane.renumbered('newest');
		}
	});

	let looking = 0;
	/** The line of the last find; n goes on from there. */
	let last: number | undefined;
	/** Looks through the lines of the index, a slice at a time, round once. */
	const look = async (
		kind: 'match' | 'error',
		words: string,
		regexp: boolean,
		test: (line: number) => boolean,
		from: number,
		step: 1 | -1,
	): Promise<Found> => {
		const mine = ++looking;
		const first = index.firstLine;
		const count = index.lineCount - first;
		let at = from;
		for (let seen = 0; seen < count; ) {
			const until = performance.now() + sliceMs;
			let hit: number | undefined;
			const slice = () => {
				while (seen < count && hit === undefined) {
					const line = first + ((((at - first) % count) + count) % count);
					if (test(line)) {
						hit = line;
						return;
					}
					at += step;
					seen++;
					if ((regexp || (seen & 15) === 0) && performance.now() > until) {
						return;
					}
				}
			};
			try {
				if (regexp) {
					withRegexTimeout(slice, regexBudgetMs);
				} else {
					slice();
				}
			} catch (error) {
				if (!(error instanceof RegexTimeoutError)) {
					throw error;
				}
				change({ looking: undefined });
				return 'too slow';
			}
			if (hit !== undefined) {
				last = index.toLog(hit);
				change({ looking: undefined, error: kind === 'error' ? last : undefined });
				pane.reveal(hit);
				return 'found';
			}
			if (seen < count) {
				change({ looking: `looking for ${words}, ${Math.floor((100 * seen) / count)}%` });
				await new Promise((resolve) => setTimeout(resolve, 2));
				if (mine !== looking) {
					return 'broken off';
				}
			}
		}
		change({ looking: undefined });
		return 'nothing';
	};
	const startFrom = (step: 1 | -1): number => {
		const { line } = pane.top();
		const known = last === undefined ? undefined : index.fromLog(last);
		// What was found last, while it is in view; else what is looked at counts.
		if (known !== undefined && !isFollowing() && Math.abs(known - line) <= pane.shown().length) {
			return known + step;
		}
		return isFollowing() ? index.lineCount - 1 : line;
	};
	/** Who follows looks at the end: what he looks for is above. */
	const way = (step: 1 | -1): 1 | -1 => (isFollowing() ? -1 : step);
	const findPattern = (pattern: LinePattern, step: 1 | -1) =>
		look(
			'match',
			`/${patternLabel(pattern)}`,
			pattern.regexp,
			(line) => !noteLook(line) && pattern.test(textOf(index.toLog(line))),
			startFrom(way(step)),
			way(step),
		);
	const errorTests = new Map<string, (text: string) => boolean>();
	const isError = (line: number): boolean => {
		const service = labels()[lines.source(index.toLog(line)) ?? -1]?.service ?? '';
		let test = errorTests.get(service);
		if (test === undefined) {
			const { pattern, except } = logs.errors(service);
			const wanted = new RegExp(pattern, 'iu');
			const unwanted = except === undefined ? undefined : new RegExp(except, 'iu');
			test = (text) => wanted.test(text) && unwanted?.test(text) !== true;
			errorTests.set(service, test);
		}
		return !noteLook(line) && test(textOf(index.toLog(line)));
	};

	/** What a search, a mark or another service changes is in the pane as well. */
	const shown: PaneView['state'] = {
		get: pane.state.get,
		subscribe: (listener) => {
			const ends = [pane.state, state, logs.sources].map((source) => source.subscribe(listener));
			return () => {
				for (const end of ends) {
					end();
				}
			};
		},
	};
	/** What moves up, and asks for older lines where there is nothing above any more. */
	const upwards =
		<A extends unknown[]>(move: (...args: A) => void) =>
		(...args: A) => {
			const before = pane.top();
			move(...args);
			const { line, row } = pane.top();
			const up = line < before.line || (line === before.line && row <= before.row);
			if (up && line <= index.firstLine && index.progress.get().left === 0) {
				logs.readOlder();
			}
		};

	return {
		logs,
		pane: {
			...pane,
			draw,
			state: shown,
			scrollBy: upwards(pane.scrollBy),
			pageBy: upwards(pane.pageBy),
			toTop: upwards(pane.toTop),
		},
		state,
		progress: index.progress,
		filter: applyFilter,
		search: async (pattern) => {
			last = undefined;
			looking++;
			change({ search: pattern, looking: undefined, error: undefined });
			if (pattern === undefined) {
				return 'broken off';
			}
			const found = await findPattern(pattern, 1);
			if (found === 'too slow') {
				change({ search: undefined });
			}
			return found;
		},
		toMatch: (step) => {
			const { search } = state.get();
			return search === undefined ? Promise.resolve('nothing' as const) : findPattern(search, step);
		},
		toError: (step) => look('error', 'an error', true, isError, startFrom(way(step)), way(step)),
		mark: () => {
			const at = isFollowing() ? index.toLog(index.lineCount - 1) : topLine();
			if (at < lines.firstLine || at >= lines.lineCount) {
				return;
			}
			const marks = new Map([...state.get().marks].filter(([line]) => line >= lines.firstLine));
			if (!marks.delete(at)) {
				marks.set(at, Date.now());
			}
			change({ marks });
		},
		toMark: () => {
			const marks = [...state.get().marks.keys()].filter((line) => line >= lines.firstLine).sort((a, b) => b - a);
			const from = isFollowing() ? Number.POSITIVE_INFINITY : topLine();
			const next = marks.find((line) => line < from) ?? marks[0];
			if (next === undefined) {
				return false;
			}
			pane.reveal(index.fromLog(next));
			return true;
		},
		saved: (which) => {
			const from = which === 'all' ? lines.firstLine : index.firstLine;
			const to = which === 'all' ? lines.lineCount : index.lineCount;
			const cells = marginCells();
			return {
				lines: to - from,
				bytes: function* () {
					for (let each = from; each < to; each++) {
						const line = which === 'all' ? each : index.toLog(each);
						const time = stampOf(lines.time?.(line) ?? 0);
						const label = cells === 0 ? '' : `${sanitiseText(labels()[lines.source(line) ?? -1]?.label ?? '')} | `;
						yield Buffer.concat([
							Buffer.from(`${time} ${label}`),
							lines.line(line) ?? new Uint8Array(),
							Buffer.from('\n'),
						]);
					}
				},
			};
		},
		close: () => {
			looking++;
			endSlow();
			index.close();
		},
	};
};
