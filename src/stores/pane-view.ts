import { wrapStarts } from '../terminal/cells.ts';
import type { Row } from '../terminal/row.ts';
import { type SafeLine, sanitiseLine } from '../terminal/sanitise.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { drawPane } from './pane-draw.ts';
import { keepPlace, type Lines, lastTop, movePlace, notAbove, type Place } from './pane-layout.ts';
import { findLine } from './pane-search.ts';
import { type PaneLook, type PaneState, TIME_CELLS } from './pane-state.ts';
import { createStore, type Readable } from './store.ts';

/** One way of looking at an output buffer: what is shown, and the actions that change it. No React, no terminal. */
export interface PaneView {
	readonly buffer: OutputBuffer;
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
	/** Looks for a text in all that is in memory; letters of either case unless it has a capital. Empty ends it. */
	search(query: string): void;
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
	prompt: undefined,
	seen: 0,
};

/** Looks at a buffer; several views of one buffer are independent. `colour: false` drops the remote's colours. */
export const createPaneView = (buffer: OutputBuffer, options: { readonly colour?: boolean } = {}): PaneView => {
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
	const textWidth = (now: PaneState) => Math.max(1, size.width - (now.time ? TIME_CELLS : 0));
	const lines = (now: PaneState): Lines => ({
		first: buffer.firstLine,
		count: buffer.lineCount,
		rows: (line) => (now.wrap ? wrapStarts(safe(line)?.text ?? '', textWidth(now)).length : 1),
	});
	const topOf = (now: PaneState): Place =>
		now.following ? lastTop(lines(now), size.height) : keepPlace(lines(now), now.top);

	const change = (next: Partial<PaneState>) => state.update((now) => ({ ...now, ...next }));
	const goTo = (place: Place, follow: boolean) => {
		const now = state.get();
		const end = lastTop(lines(now), size.height);
		const atEnd = notAbove(place, end);
		const following = follow && atEnd;
		change({ top: atEnd ? end : place, following, seen: now.following ? buffer.lineCount : now.seen });
	};
	const scrollBy = (rows: number) => {
		const now = state.get();
		if (rows !== 0 && !(now.following && rows > 0)) {
			goTo(movePlace(lines(now), topOf(now), rows), rows > 0);
		}
	};
	const find = (query: string, from: number, step: 1 | -1) => {
		const match = findLine(buffer, (line) => safe(line)?.text, query, from, step);
		change({ query, match });
		if (match !== undefined) {
			const top = topOf(state.get());
			const shown = match >= top.line && match < top.line + size.height && !state.get().wrap;
			goTo(shown ? top : movePlace(lines(state.get()), { line: match, row: 0 }, -Math.floor(size.height / 3)), false);
		}
	};

	return {
		buffer,
		state,
		draw: (look) => {
			size = { width: look.width, height: Math.max(1, look.height - 1) };
			const now = state.get();
			return drawPane({ look, state: now, buffer, top: topOf(now), line: safe, textWidth: textWidth(now) });
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
				change({ query, match: undefined });
				return;
			}
			const now = state.get();
			// Who follows looks at the end: what he looks for is above.
			find(query, now.following ? buffer.lineCount - 1 : topOf(now).line, now.following ? -1 : 1);
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
