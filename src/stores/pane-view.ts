import { wrapStarts } from '../terminal/cells.ts';
import type { Row } from '../terminal/row.ts';
import { type SafeLine, sanitiseLine } from '../terminal/sanitise.ts';
import type { OutputLines } from './output-buffer.ts';
import { searchDeep } from './pane-deep-search.ts';
import { drawPane, type PaneDress } from './pane-draw.ts';
import { type Lines, lastTop, moveRow, nearestRow, notAbove, type RowPosition } from './pane-layout.ts';
import { findLine } from './pane-search.ts';
import { type PaneLook, type PaneState, TIME_CELLS } from './pane-state.ts';
import { createStore, type Readable } from './store.ts';

/** One way of looking at an output buffer: what is shown, and the actions that change it. No React, no terminal. */
export interface PaneView {
	readonly buffer: OutputLines;
	readonly state: Readable<PaneState>;
	/** Exactly `height` rows, safe to paint, none wider than `width`. Remembers the size for paging. */
	draw(look: PaneLook): readonly Row[];
	/** The text of a line as it is shown, without colour; undefined when it has left the memory. */
	text(line: number): string | undefined;
	/** The lines of which something is in view, whole, as `text` gives them. */
	shown(): readonly string[];
	/** Scrolls by rows, up when negative. Scrolling up stops following; reaching the end starts it again. */
	scrollBy(rows: number): void;
	/** Scrolls by pages or parts of one, such as -0.5. */
	pageBy(pages: number): void;
	/** Scrolls sideways by cells. */
	shiftBy(cells: number): void;
	toTop(): void;
	/** To the newest row, and follows. */
	toBottom(): void;
	toggleFollow(): void;
	toggleWrap(): void;
	toggleTime(): void;
	/** Opens the query's prompt, changes what is typed there, or closes it. */
	prompt(text: string | undefined): void;
	/** Looks for a text in all lines, those on disk in the background; letters of either case unless it has a capital. Empty ends it. */
	search(query: string): void;
	/** Brings a line into view, a third from the top unless it is there already, and stops following. */
	reveal(line: number): void;
	/** The topmost row in view. */
	top(): RowPosition;
	/** The lines have got other numbers: looks at this one from now on, or follows. */
	renumbered(top: number | 'newest'): void;
	/** To the next match below, beginning at the top again after the last one. */
	next(): void;
	/** To the next match above. */
	previous(): void;
}

const MOST_REMEMBERED = 512;

const initial: PaneState = {
	following: true,
	top: { line: 0, row: 0 },
	wrap: false,
	time: false,
	shift: 0,
	query: '',
	match: undefined,
	searching: undefined,
	prompt: undefined,
	seen: 0,
};

export interface PaneOptions extends PaneDress {
	/** False drops the remote's colours. */
	readonly colour?: boolean;
}

/** Looks at lines of output; several views of the same are independent. */
export const createPaneView = (buffer: OutputLines, options: PaneOptions = {}): PaneView => {
	const state = createStore<PaneState>(initial);
	const remembered = new Map<number, { readonly bytes: number; readonly line: SafeLine }>();
	let size = { width: 80, height: 20 };

	const safe = (number: number): SafeLine | undefined => {
		const bytes = buffer.line(number);
		if (!bytes) {
			return undefined;
		}
		const known = remembered.get(number);
		if (known?.bytes === bytes.length) {
			return known.line;
		}
		const line = sanitiseLine(bytes, options);
		if (remembered.size >= MOST_REMEMBERED) {
			remembered.clear();
		}
		remembered.set(number, { bytes: bytes.length, line });
		return line;
	};
	const textWidth = (now: PaneState) =>
		Math.max(1, size.width - (now.time ? (options.clock?.cells ?? TIME_CELLS) : 0) - (options.margin?.cells() ?? 0));
	const lines = (now: PaneState): Lines => ({
		first: buffer.firstLine,
		count: buffer.lineCount,
		rows: (line) =>
			(now.wrap ? wrapStarts(safe(line)?.text ?? '', textWidth(now)).length : 1) +
			(options.rule?.(line) === undefined ? 0 : 1),
	});
	const topOf = (now: PaneState): RowPosition =>
		now.following ? lastTop(lines(now), size.height) : nearestRow(lines(now), now.top);

	const change = (next: Partial<PaneState>) => state.update((now) => ({ ...now, ...next }));
	const goTo = (place: RowPosition, follow: boolean) => {
		const now = state.get();
		const end = lastTop(lines(now), size.height);
		const atEnd = notAbove(place, end);
		const following = follow && atEnd;
		change({ top: atEnd ? end : place, following, seen: now.following ? buffer.lineCount : now.seen });
	};
	const scrollBy = (rows: number) => {
		const now = state.get();
		if (rows !== 0 && !(now.following && rows > 0)) {
			goTo(moveRow(lines(now), topOf(now), rows), rows > 0);
		}
	};
	const reveal = (line: number) => {
		const now = state.get();
		const top = topOf(now);
		const last = moveRow(lines(now), top, size.height - 1).line;
		const shown = line >= top.line && line < last;
		goTo(shown ? top : moveRow(lines(now), { line, row: 0 }, -Math.floor(size.height / 3)), false);
	};
	let endSearch = () => {};
	const found = (query: string, match: number | undefined) => {
		change({ query, match, searching: undefined });
		if (match !== undefined) {
			reveal(match);
		}
	};
	const find = (query: string, from: number, step: 1 | -1) => {
		endSearch();
		const text = (line: number) => safe(line)?.text;
		if (buffer.firstLine === buffer.memoryFrom) {
			found(query, findLine(buffer, text, query, from, step));
			return;
		}
		change({ query, searching: 0 });
		endSearch = searchDeep(buffer, {
			query,
			from,
			step,
			text,
			onProgress: (part) => change({ searching: Math.floor(part * 100) }),
			onFound: (match) => found(query, match),
		});
	};

	return {
		buffer,
		state,
		draw: (look) => {
			// A pane without a row shows nothing, so keys go on by what was last seen; a compositor does not even ask for one.
			if (look.height > 0) {
				size = { width: look.width, height: Math.max(1, look.height - 1) };
			}
			const now = state.get();
			return drawPane({
				look,
				state: now,
				buffer,
				top: topOf(now),
				line: safe,
				textWidth: textWidth(now),
				dress: options,
			});
		},
		text: (line) => safe(line)?.text,
		shown: () => {
			const now = state.get();
			const all = lines(now);
			const { line: first, row } = topOf(now);
			const texts: string[] = [];
			let rows = -row;
			for (let line = first; line < all.count && rows < size.height; line++) {
				rows += all.rows(line);
				texts.push(safe(line)?.text ?? '');
			}
			return texts;
		},
		scrollBy,
		pageBy: (pages) => {
			const page = Math.max(1, size.height - 1);
			scrollBy(Math.sign(pages) * Math.max(1, Math.floor(Math.abs(pages) * page)));
		},
		shiftBy: (cells) => change({ shift: Math.max(0, state.get().shift + cells) }),
		toTop: () => goTo({ line: buffer.firstLine, row: 0 }, false),
		toBottom: () => change({ following: true }),
		toggleFollow: () => {
			const now = state.get();
			if (now.following) {
				change({ following: false, top: topOf(now), seen: buffer.lineCount });
			} else {
				change({ following: true });
			}
		},
		toggleWrap: () => {
			const top = topOf(state.get());
			change({ wrap: !state.get().wrap, shift: 0, top: { line: top.line, row: 0 } });
		},
		toggleTime: () => change({ time: !state.get().time }),
		prompt: (text) => change({ prompt: text }),
		search: (query) => {
			change({ prompt: undefined });
			if (query === '') {
				endSearch();
				change({ query, match: undefined, searching: undefined });
				return;
			}
			const now = state.get();
			// Who follows looks at the end: what he looks for is above.
			find(query, now.following ? buffer.lineCount - 1 : topOf(now).line, now.following ? -1 : 1);
		},
		reveal,
		top: () => topOf(state.get()),
		renumbered: (top) => {
			remembered.clear();
			change({
				following: top === 'newest',
				top: { line: top === 'newest' ? 0 : top, row: 0 },
				match: undefined,
				seen: buffer.lineCount,
			});
		},
		next: () => {
			const { query, match } = state.get();
			if (query !== '') {
				find(query, (match ?? topOf(state.get()).line - 1) + 1, 1);
			}
		},
		previous: () => {
			const { query, match } = state.get();
			if (query !== '') {
				find(query, (match ?? topOf(state.get()).line) - 1, -1);
			}
		},
	};
};
