import { useIsScreenReaderEnabled, useWindowSize } from 'ink';

const smallestRows = 12;

export interface ScreenSize {
	readonly columns: number;
	readonly rows: number;
	/** One thing after the other, for a screen reader: no columns. */
	readonly linear?: boolean;
}

/** The terminal's size in cells; it changes when the window does. */
export const useScreenSize = (): ScreenSize => {
	const { columns, rows } = useWindowSize();
	const linear = useIsScreenReaderEnabled();
	// Words are not cut where no columns are: a line that is longer goes on in the next, for which rows are kept.
	return linear
		? { columns: Math.max(columns, 160), rows: Math.max(smallestRows, rows - 6), linear }
		: { columns, rows };
};
