import { wrapStarts } from '../terminal/cells.ts';
import { type SafeLine, sanitiseLine } from '../terminal/sanitise.ts';
import type { OutputLines } from './output-buffer.ts';
import type { PaneDress } from './pane-draw.ts';
import type { Lines } from './pane-layout.ts';
import { type PaneState, TIME_CELLS } from './pane-state.ts';

const mostCached = 512;

export interface PaneOptions extends PaneDress {
	/** False drops the remote's colours. */
	readonly colour?: boolean;
}

/** The lines of a buffer as a pane shows them: made safe for a terminal, and measured. */
export class PaneLines {
	readonly #buffer: OutputLines;
	readonly #options: PaneOptions;
	readonly #cache = new Map<number, { readonly bytes: number; readonly line: SafeLine }>();

	constructor(buffer: OutputLines, options: PaneOptions) {
		this.#buffer = buffer;
		this.#options = options;
	}

	/** A line that is safe to draw; undefined when it has left the memory. */
	safe(number: number): SafeLine | undefined {
		const bytes = this.#buffer.line(number);
		if (!bytes) {
			return undefined;
		}
		const cached = this.#cache.get(number);
		if (cached?.bytes === bytes.length) {
			return cached.line;
		}
		const line = sanitiseLine(bytes, this.#options);
		if (this.#cache.size >= mostCached) {
			this.#cache.clear();
		}
		this.#cache.set(number, { bytes: bytes.length, line });
		return line;
	}

	/** Cells for the text in a pane of this width. */
	textWidth(state: PaneState, width: number): number {
		const clock = state.time ? (this.#options.clock?.cells ?? TIME_CELLS) : 0;
		return Math.max(1, width - clock - (this.#options.margin?.cells() ?? 0));
	}

	/** The lines as the layout needs them, in a pane of this width. */
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

	/** Forgets what it knows by the lines' numbers. */
	renumbered(): void {
		this.#cache.clear();
	}
}
