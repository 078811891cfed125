import type { FollowedLogs } from './followed-logs.ts';
import { patternLabel } from './line-pattern.ts';
import type { LogIndex } from './log-index.ts';
import type { LogPalette } from './log-layout.ts';
import { markWords } from './log-marks.ts';
import type { LogSources } from './log-sources.ts';
import type { LogViewStore } from './log-view-state.ts';
import { counted, dayClock, grouped } from './pane-draw.ts';
import { createPaneView, type PaneView } from './pane-view.ts';
import { RegexTimeoutError, withRegexTimeout } from './regex-timeout.ts';

/** Time limit for a search's expression in the lines of one frame, ms. */
const regexBudgetMs = 150;

export interface LogPaneOptions {
	readonly logs: FollowedLogs;
	readonly index: LogIndex;
	readonly sources: LogSources;
	readonly state: LogViewStore;
	readonly colour: boolean;
	/** Colours for lines by their level. */
	readonly palette?: LogPalette;
}

/** Creates the pane that shows a log: its lines with labels and marks, and the figures in its heading. */
export const createLogPane = (options: LogPaneOptions): PaneView => {
	const { logs, index, sources, state, colour } = options;
	const pane: PaneView = createPaneView(index, {
		colour,
		margin: { cells: sources.marginCells, row: (line) => sources.label(index.toLog(line)) },
		rule: (line) => markWords(state.get().marks, index.toLog(line)),
		isNote: (line) => logs.lines.isNote(index.toLog(line)),
		isPointedAt: (line) => state.get().error === index.toLog(line),
		highlights: (text) => state.get().search?.matches(text) ?? [],
		clock: dayClock,
		isError: (line, text) => !logs.lines.isNote(index.toLog(line)) && sources.isError(index.toLog(line), text),
		palette: options.palette,
		remarks: ({ status, follow, json }) => [...remarks(options, pane, status, follow), json],
	});
	const upwards = readsOlder(options, pane);
	return {
		...pane,
		draw: (look) => {
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
				state.change({ search: undefined });
				return pane.draw(look);
			}
		},
		state: changesOf(pane.state, [state, logs.sources]),
		scrollBy: upwards(pane.scrollBy),
		pageBy: upwards(pane.pageBy),
		toTop: upwards(pane.toTop),
	};
};

/** The pane's state, whose listeners also hear of searches, marks and other services. */
const changesOf = (state: PaneView['state'], others: readonly Pick<PaneView['state'], 'subscribe'>[]) => ({
	get: state.get,
	subscribe: (listener: () => void) => {
		const ends = [state, ...others].map((source) => source.subscribe(listener));
		return () => {
			for (const end of ends) {
				end();
			}
		};
	},
});

/** Returns a move upwards that reads older lines when there are none left above. */
const readsOlder =
	({ logs, index }: LogPaneOptions, pane: PaneView) =>
	<A extends unknown[]>(move: (...args: A) => void) =>
	(...args: A) => {
		const before = pane.top();
		move(...args);
		const { line, row } = pane.top();
		const isUp = line < before.line || (line === before.line && row <= before.row);
		if (isUp && line <= index.firstLine && index.progress.get().left === 0) {
			logs.readOlder();
		}
	};

/** Returns the remarks at the right of the heading, the most important first; empty texts are left out. */
const remarks = ({ logs, index, state }: LogPaneOptions, pane: PaneView, status: string, follow: string): string[] => {
	const { lines } = logs;
	const { search, filter, looking, place } = state.get();
	const { matching, missed } = index.progress.get();
	const { wrap, shift } = pane.state.get();
	const count = counted(lines.held, 'line');
	const isLost = logs.status.get().status === 'lost';
	return [
		isLost ? status : '',
		filter === undefined ? '' : `${grouped(matching)} of ${count} match`,
		looking ?? '',
		place === undefined ? '' : `error ${grouped(place.number)} of ${grouped(place.of)}`,
		follow,
		isLost ? '' : status,
		search === undefined ? '' : `/${patternLabel(search)}`,
		filter === undefined ? count : '',
		lines.dropped > 0 ? `oldest ${counted(lines.dropped, 'line')} not in memory` : '',
		missed > 0 ? `${counted(missed, 'line')} went by unfiltered` : '',
		wrap ? 'wrapped' : '',
		shift > 0 ? `from column ${shift + 1}` : '',
	];
};
