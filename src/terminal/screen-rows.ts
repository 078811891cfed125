import type { Region } from './region.ts';
import type { Row } from './row.ts';
import { rowChange } from './row-change.ts';

/** The compositor's record of the screen, row by row. */
export interface ScreenRows {
	/** Marks a row (all rows, with undefined) as written by somebody else. */
	forget(row: number | undefined): void;
	/** Returns the output that erases painted rows which no longer belong to a region. */
	clearStale(regions: ReadonlyMap<string, Region>, rows: number): string;
	/** Returns the output that paints the rows which are not on the screen yet. */
	paint(regions: ReadonlyMap<string, Region>, columns: number, rows: number): string;
	/** True when a row of a region is not known to be on the screen. */
	isDamaged(regions: ReadonlyMap<string, Region>): boolean;
}

const CSI = '\u001b[';
const at = (row: number) => `${CSI}${row + 1};1H`;

// Erasing after a row that fills the width would erase its last cell, where the cursor waits.
const wholeRow = (number: number, row: Row, columns: number): string =>
	row.cells < columns ? `${at(number)}${CSI}0m${row.text}${CSI}K` : `${at(number)}${CSI}0m${CSI}2K${row.text}`;

export const createScreenRows = (): ScreenRows => {
	const painted = new Map<number, string>();
	const belongs = (regions: ReadonlyMap<string, Region>, row: number) =>
		[...regions.values()].some((region) => row >= region.top && row < region.top + region.height);

	return {
		forget: (row) => {
			if (row === undefined) {
				painted.clear();
			} else {
				painted.delete(row);
			}
		},
		clearStale: (regions, rows) => {
			let output = '';
			for (const row of painted.keys()) {
				if (!belongs(regions, row)) {
					painted.delete(row);
					output += row < rows ? `${at(row)}${CSI}0m${CSI}2K` : '';
				}
			}
			return output;
		},
		paint: (regions, columns, rows) => {
			let output = '';
			for (const region of regions.values()) {
				const height = Math.min(region.height, rows - region.top);
				for (const [index, row] of region.draw(columns, region.height).slice(0, Math.max(0, height)).entries()) {
					const number = region.top + index;
					const before = painted.get(number);
					if (before === row.text) {
						continue;
					}
					painted.set(number, row.text);
					output +=
						(before === undefined ? undefined : rowChange(number, before, row.text)) ?? wholeRow(number, row, columns);
				}
			}
			return output;
		},
		isDamaged: (regions) =>
			[...regions.values()].some((region) => {
				for (let row = region.top; row < region.top + region.height; row++) {
					if (!painted.has(row)) {
						return true;
					}
				}
				return false;
			}),
	};
};
