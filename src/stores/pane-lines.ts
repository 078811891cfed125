import { wrapStarts } from '../terminal/cells.ts';
import { type SafeLine, sanitiseLine } from '../terminal/sanitise.ts';
import { isLaidOut, type LogPalette, layLogLine } from './log-layout.ts';
import type { OutputLines } from './output-buffer.ts';
import type { PaneDress } from './pane-draw.ts';
import type { Lines } from './pane-layout.ts';
import { type PaneState, TIME_CELLS } from './pane-state.ts';

const mostCached = 512;

export interface PaneOptions extends PaneDress {
	/** False: drops the colours of remote output. */
	readonly colour?: boolean;
	/** Colours for lines by their level, and for JSON that is laid out; without it lines are shown as they are. */
	readonly palette?: LogPalette;
	/** True when the runbook calls a line an error. `text` is the line without colours. */
	isError?(line: number, text: string): boolean;
}

/** The lines of a buffer for a pane: sanitised and measured. */
export class PaneLines {
	readonly #buffer: OutputLines;
	readonly #options: PaneOptions;
	readonly #cache = new Map<number, { readonly bytes: number; readonly line: SafeLine }>();
	#palette: LogPalette | undefined;
	#raw = false;

	constructor(buffer: OutputLines, options: PaneOptions) {
		this.#buffer = buffer;
		this.#options = options;
		this.#palette = options.palette;
	}

	/** Sets another palette. */
	set palette(palette: LogPalette | undefined) {
		this.#palette = palette;
		this.#cache.clear();
	}

	get palette(): LogPalette | undefined {
		return this.#palette;
	}

	/** Shows JSON as it is from now on, or laid out. */
	set raw(raw: boolean) {
		this.#raw = raw;
		this.#cache.clear();
	}

	/** Returns a line that is safe to draw; undefined when it has left the memory. */
	safe(number: number): SafeLine | undefined {
		const bytes = this.#buffer.line(number);
		if (!bytes) {
			return undefined;
		}
		const cached = this.#cache.get(number);
		if (cached?.bytes === bytes.length) {
			return cached.line;
		}
		const line = this.#dressed(number, sanitiseLine(bytes, this.#options));
		if (this.#cache.size >= mostCached) {
			this.#cache.clear();
		}
		this.#cache.set(number, { bytes: bytes.length, line });
		return line;
	}

	#dressed(number: number, line: SafeLine): SafeLine {
		const palette = this.#palette;
		if (palette === undefined || this.#options.isNote?.(number) === true) {
			return line;
		}
		const isError = this.#options.isError?.(number, line.text) === true;
		return layLogLine(line, { palette, raw: this.#raw, isError });
	}

	/** True for a line of JSON that can be shown laid out and as it is. */
	isLaidOut(number: number): boolean {
		const bytes = this.#buffer.line(number);
		return this.#palette !== undefined && bytes?.[0] === 0x7b && isLaidOut(sanitiseLine(bytes, { colour: false }).text);
	}

	/** Returns the cells for the text in a pane of this width. */
	textWidth(state: PaneState, width: number): number {
		const clock = state.time ? (this.#options.clock?.cells ?? TIME_CELLS) : 0;
		return Math.max(1, width - clock - (this.#options.margin?.cells() ?? 0));
	}

	/** Returns the lines for the layout, in a pane of this width. */
	layout(state: PaneState, width: number): Lines {
		return {
			first: this.#buffer.firstLine,
			count: this.#buffer.lineCount,
			rows: (line) => {
				const text = state.wrap ? wrapStarts(this.safe(line)?.text ?? '', this.textWidth(state, width)).length : 1;
				return text + (this.#options.rule?.(line) === undefined ? 0 : 1);
			},
		};
	}

	/** Drops what is cached by the lines' numbers. */
	renumbered(): void {
		this.#cache.clear();
	}
}
