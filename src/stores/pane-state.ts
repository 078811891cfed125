import type { RowPosition } from './pane-layout.ts';

/** Cells of the arrival time before a line: `HH:MM:SS `. */
export const TIME_CELLS = 9;

/** How one output pane is being looked at. */
export interface PaneState {
	/** The newest row stays in sight; `top` is not used meanwhile. */
	readonly following: boolean;
	/** The topmost row shown. */
	readonly top: RowPosition;
	readonly wrap: boolean;
	/** Whether each line has the time it arrived before it. */
	readonly time: boolean;
	/** Whether JSON is shown as it came, not laid out. */
	readonly raw: boolean;
	/** Cells scrolled sideways; only without wrapping. */
	readonly shift: number;
	/** What is searched for; empty when nothing is. */
	readonly query: string;
	/** The line of the match last gone to; undefined when nothing was found. */
	readonly match: number | undefined;
	/** Which part of all lines a search that takes long has looked at, in percent; undefined while none goes on. */
	readonly searching: number | undefined;
	/** The query being typed; undefined when none is. */
	readonly prompt: string | undefined;
	/** Lines that had come when following stopped; the ones after it are the new ones. */
	readonly seen: number;
}

/** What a pane is drawn with. */
export interface PaneLook {
	readonly width: number;
	/** Rows, the heading included. */
	readonly height: number;
	readonly title: string;
	readonly focused: boolean;
	/** A word on the stream's state, such as `lost: …`; shown in the heading. */
	readonly status?: string;
	/** Nothing more will come. */
	readonly ended?: boolean;
}
