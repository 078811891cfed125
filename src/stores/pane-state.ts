import type { RowPosition } from './pane-layout.ts';

/** Cells of the arrival time before a line: `HH:MM:SS `. */
export const TIME_CELLS = 9;

/** The state of one output pane. */
export interface PaneState {
	/** True while the newest row stays in view; `top` is not used meanwhile. */
	readonly following: boolean;
	/** The topmost row shown. */
	readonly top: RowPosition;
	readonly wrap: boolean;
	/** True: each line is preceded by its arrival time. */
	readonly time: boolean;
	/** True: JSON is shown as it is, not laid out. */
	readonly raw: boolean;
	/** Cells scrolled sideways; only without wrapping. */
	readonly shift: number;
	/** The search text; empty when there is no search. */
	readonly query: string;
	/** The line of the match last gone to; undefined when nothing was found. */
	readonly match: number | undefined;
	/** Progress of a long search, in percent; undefined when there is none. */
	readonly searching: number | undefined;
	/** The query being typed; undefined when none is. */
	readonly prompt: string | undefined;
	/** Lines that had arrived when following stopped; later ones are new. */
	readonly seen: number;
}

/** The parameters of drawing a pane. */
export interface PaneLook {
	readonly width: number;
	/** Number of rows, the heading included. */
	readonly height: number;
	readonly title: string;
	readonly focused: boolean;
	/** A word about the stream's state, such as `lost: …`; shown in the heading. */
	readonly status?: string;
	/** True when nothing more will arrive. */
	readonly ended?: boolean;
}
