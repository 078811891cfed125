import { useIsScreenReaderEnabled, useWindowSize } from 'ink';

const smallestRows = 12;

export interface ScreenSize {
	readonly columns: number;
	readonly rows: number;
	/** True for a screen reader: everything below each other, without columns. */
	readonly linear?: boolean;
}

/** Returns the terminal's size in cells; it changes with the window. */
export const useScreenSize = (): ScreenSize => {
	const { columns, rows } = useWindowSize();
	const linear = useIsScreenReaderEnabled();
	// Without columns lines are not cut: a longer one wraps into the next row, for which rows are kept free.
	return linear
		? { columns: Math.max(columns, 160), rows: Math.max(smallestRows, rows - 6), linear }
		: { columns, rows };
};
