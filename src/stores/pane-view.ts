import type { Row } from '../terminal/row.ts';
import type { LogPalette } from './log-layout.ts';
import type { OutputLines } from './output-buffer.ts';
import { searchDeep } from './pane-deep-search.ts';
import { drawPane } from './pane-draw.ts';
import { type Lines, lastTop, moveRow, nearestRow, notAbove, type RowPosition } from './pane-layout.ts';
import { PaneLines, type PaneOptions } from './pane-lines.ts';
import { findLine } from './pane-search.ts';
import type { PaneLook, PaneState } from './pane-state.ts';
import { createStore, type Readable } from './store.ts';

/** One view of an output buffer: what is shown, and the actions that change it. No React, no terminal. */
export interface PaneView {
	readonly buffer: OutputLines;
	readonly state: Readable<PaneState>;
	/** Returns exactly `height` rows, safe to draw, none wider than `width`. Remembers the size for paging. */
	draw(look: PaneLook): readonly Row[];
	/** Returns the text of a line as it is shown, without colour; undefined when it has left the memory. */
	text(line: number): string | undefined;
	/** Returns the lines that are at least partly in view, whole, as `text` returns them. */
	shown(): readonly string[];
	/** Scrolls by rows, up when negative. Scrolling up stops following; reaching the end starts it again. */
	scrollBy(rows: number): void;
	/** Scrolls by pages or parts of one, such as -0.5. */
	pageBy(pages: number): void;
	/** Scrolls sideways by cells. */
	shiftBy(cells: number): void;
	toTop(): void;
	/** Goes to the newest row, and follows. */
	toBottom(): void;
	toggleFollow(): void;
	toggleWrap(): void;
	toggleTime(): void;
	/** Shows JSON as it is, or laid out again. */
	toggleRaw(): void;
	/** Sets another palette for lines by their level. */
	recolour(palette: LogPalette): void;
	/** Opens the search prompt, changes its text, or closes it. */
	prompt(text: string | undefined): void;
	/**
	 * Searches all lines for a text, those on disk in the background; letters match in either case unless it has a capital. Empty ends it.
	 */
	search(query: string): void;
	/** Brings a line into view, a third from the top unless it is visible already, and stops following. */
	reveal(line: number): void;
	/** Returns the topmost row in view. */
	top(): RowPosition;
	/** Called when the lines have got other numbers: shows this line, or follows. */
	renumbered(top: number | 'newest'): void;
	/** Goes to the next match below, and from the last one to the first. */
	next(): void;
	/** Goes to the next match above. */
	previous(): void;
}

const initial: PaneState = {
	following: true,
	top: { line: 0, row: 0 },
	wrap: false,
	time: false,
	raw: false,
	shift: 0,
	query: '',
	match: undefined,
	searching: undefined,
	prompt: undefined,
	seen: 0,
};

/** Shows lines of output; several views of the same lines are independent. */
export const createPaneView = (buffer: OutputLines, options: PaneOptions = {}): PaneView =>
	new ScrollingPane(buffer, options);

/** A pane that scrolls. Its actions are bound, so each can be given to a key. */
class ScrollingPane implements PaneView {
	readonly buffer: OutputLines;
	readonly state = createStore<PaneState>(initial);
	readonly #options: PaneOptions;
	readonly #lines: PaneLines;
	#size = { width: 80, height: 20 };
	#endSearch = () => {};

	constructor(buffer: OutputLines, options: PaneOptions) {
		this.buffer = buffer;
		this.#options = options;
		this.#lines = new PaneLines(buffer, options);
	}

	readonly draw = (look: PaneLook): readonly Row[] => {
		// A pane without rows shows nothing, so keys use the last size; the compositor does not even draw it.
		if (look.height > 0) {
			this.#size = { width: look.width, height: Math.max(1, look.height - 1) };
		}
		const state = this.state.get();
		return drawPane({
			look,
			state,
			buffer: this.buffer,
			top: this.#topOf(state),
			line: (line) => this.#lines.safe(line),
			isLaidOut: (line) => this.#lines.isLaidOut(line),
			textWidth: this.#lines.textWidth(state, this.#size.width),
			dress: this.#options,
		});
	};

	readonly text = (line: number): string | undefined => this.#lines.safe(line)?.text;

	readonly shown = (): readonly string[] => {
		const state = this.state.get();
		const all = this.#layout(state);
		const { line: first, row } = this.#topOf(state);
		const texts: string[] = [];
		let rows = -row;
		for (let line = first; line < all.count && rows < this.#size.height; line++) {
			rows += all.rows(line);
			texts.push(this.text(line) ?? '');
		}
		return texts;
	};

	readonly scrollBy = (rows: number): void => {
		const state = this.state.get();
		if (rows !== 0 && !(state.following && rows > 0)) {
			this.#goTo(moveRow(this.#layout(state), this.#topOf(state), rows), rows > 0);
		}
	};

	readonly pageBy = (pages: number): void => {
		const page = Math.max(1, this.#size.height - 1);
		this.scrollBy(Math.sign(pages) * Math.max(1, Math.floor(Math.abs(pages) * page)));
	};

	readonly shiftBy = (cells: number): void => this.#change({ shift: Math.max(0, this.state.get().shift + cells) });

	readonly toTop = (): void => this.#goTo({ line: this.buffer.firstLine, row: 0 }, false);

	readonly toBottom = (): void => this.#change({ following: true });

	readonly toggleFollow = (): void => {
		const state = this.state.get();
		this.#change(
			state.following
				? { following: false, top: this.#topOf(state), seen: this.buffer.lineCount }
				: { following: true },
		);
	};

	readonly toggleWrap = (): void => {
		const { line } = this.top();
		this.#change({ wrap: !this.state.get().wrap, shift: 0, top: { line, row: 0 } });
	};

	readonly toggleTime = (): void => this.#change({ time: !this.state.get().time });

	readonly toggleRaw = (): void => {
		const raw = !this.state.get().raw;
		this.#lines.raw = raw;
		this.#change({ raw });
	};

	readonly recolour = (palette: LogPalette): void => {
		if (palette !== this.#lines.palette) {
			this.#lines.palette = palette;
			this.#change({});
		}
	};

	readonly prompt = (text: string | undefined): void => this.#change({ prompt: text });

	readonly search = (query: string): void => {
		this.#change({ prompt: undefined });
		if (query === '') {
			this.#endSearch();
			this.#change({ query, match: undefined, searching: undefined });
			return;
		}
		// While the newest lines are followed, a search goes upwards.
		const { following } = this.state.get();
		this.#find(query, following ? this.buffer.lineCount - 1 : this.top().line, following ? -1 : 1);
	};

	readonly reveal = (line: number): void => {
		const all = this.#layout(this.state.get());
		const top = this.top();
		const last = moveRow(all, top, this.#size.height - 1).line;
		const isShown = line >= top.line && line < last;
		this.#goTo(isShown ? top : moveRow(all, { line, row: 0 }, -Math.floor(this.#size.height / 3)), false);
	};

	readonly top = (): RowPosition => this.#topOf(this.state.get());

	readonly renumbered = (top: number | 'newest'): void => {
		this.#lines.renumbered();
		this.#change({
			following: top === 'newest',
			top: { line: top === 'newest' ? 0 : top, row: 0 },
			match: undefined,
			seen: this.buffer.lineCount,
		});
	};

	readonly next = (): void => {
		const { query, match } = this.state.get();
		if (query !== '') {
			this.#find(query, (match ?? this.top().line - 1) + 1, 1);
		}
	};

	readonly previous = (): void => {
		const { query, match } = this.state.get();
		if (query !== '') {
			this.#find(query, (match ?? this.top().line) - 1, -1);
		}
	};

	#change(next: Partial<PaneState>): void {
		this.state.update((now) => ({ ...now, ...next }));
	}

	#layout(state: PaneState): Lines {
		return this.#lines.layout(state, this.#size.width);
	}

	#topOf(state: PaneState): RowPosition {
		const lines = this.#layout(state);
		return state.following ? lastTop(lines, this.#size.height) : nearestRow(lines, state.top);
	}

	#goTo(place: RowPosition, follow: boolean): void {
		const { following, seen } = this.state.get();
		const end = lastTop(this.#layout(this.state.get()), this.#size.height);
		const atEnd = notAbove(place, end);
		this.#change({
			top: atEnd ? end : place,
			following: follow && atEnd,
			seen: following ? this.buffer.lineCount : seen,
		});
	}

	/** Searches for a query in memory at once, and in what was spilled to disk in the background. */
	#find(query: string, from: number, step: 1 | -1): void {
		this.#endSearch();
		if (this.buffer.firstLine === this.buffer.memoryFrom) {
			this.#found(query, findLine(this.buffer, this.text, query, from, step));
			return;
		}
		this.#change({ query, searching: 0 });
		this.#endSearch = searchDeep(this.buffer, {
			query,
			from,
			step,
			text: this.text,
			onProgress: (part) => this.#change({ searching: Math.floor(part * 100) }),
			onFound: (match) => this.#found(query, match),
		});
	}

	#found(query: string, match: number | undefined): void {
		this.#change({ query, match, searching: undefined });
		if (match !== undefined) {
			this.reveal(match);
		}
	}
}
