import type { Row } from './row.ts';

/** A range of full-width rows that is painted by the compositor and left empty by Ink. */
export interface Region {
	/** The first row, 0 at the top of the screen. */
	readonly top: number;
	/** Number of rows; 0 while something covers it. */
	readonly height: number;
	/** Returns exactly `height` rows, none wider than `width`. Called for every frame, so it must be fast. */
	draw(width: number, height: number): readonly Row[];
}

/** Puts rows on the screen without Ink. */
export interface Painter {
	/**
	 * Sets, moves or (with undefined) removes a region. It is on the screen with Ink's next frame, or shortly after when there is none.
	 * Must be called before Ink writes the frame that makes room for it: from an insertion effect.
	 */
	setRegion(id: string, region: Region | undefined): void;
	/** Called when the region's rows may have changed. `now` skips the throttle: for the operator's own actions. */
	invalidate(id: string, urgency: 'now' | 'soon'): void;
}
