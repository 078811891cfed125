import { useWindowSize } from 'ink';

export interface ScreenSize {
	readonly columns: number;
	readonly rows: number;
}

/** The terminal's size in cells; it changes when the window does. */
export const useScreenSize = (): ScreenSize => {
	const { columns, rows } = useWindowSize();
	return { columns, rows };
};
