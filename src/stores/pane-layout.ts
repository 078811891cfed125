/** A row of output: a line of the stream, and the index of its row when it is wrapped. */
export interface RowPosition {
	readonly line: number;
	readonly row: number;
}

/** The layout's view of the lines. */
export interface Lines {
	/** The oldest line in memory. */
	readonly first: number;
	/** Lines seen so far: the newest one is `count - 1`. */
	readonly count: number;
	/** Returns the number of rows that a line takes; at least one. */
	rows(line: number): number;
}

/** Moves a position by rows, up when negative; stops at the oldest and at the newest row. */
export const moveRow = (lines: Lines, from: RowPosition, by: number): RowPosition => {
	if (lines.count <= lines.first) {
		return { line: lines.first, row: 0 };
	}
	let { line, row } = nearestRow(lines, from);
	let left = by;
	while (left < 0) {
		if (row >= -left) {
			return { line, row: row + left };
		}
		if (line === lines.first) {
			return { line, row: 0 };
		}
		left += row + 1;
		line--;
		row = lines.rows(line) - 1;
	}
	while (left > 0) {
		const below = lines.rows(line) - 1 - row;
		if (below >= left) {
			return { line, row: row + left };
		}
		if (line === lines.count - 1) {
			return { line, row: row + below };
		}
		left -= below + 1;
		line++;
		row = 0;
	}
	return { line, row };
};

/** Returns the position itself, or the nearest one that exists: lines leave the memory, and rows change with the width. */
export const nearestRow = (lines: Lines, place: RowPosition): RowPosition => {
	if (place.line < lines.first || lines.count <= lines.first) {
		return { line: lines.first, row: 0 };
	}
	const line = Math.min(place.line, lines.count - 1);
	return { line, row: Math.min(place.row, lines.rows(line) - 1) };
};

/** Returns the topmost position from which the newest row is still within `height` rows. */
export const lastTop = (lines: Lines, height: number): RowPosition => {
	if (lines.count <= lines.first) {
		return { line: lines.first, row: 0 };
	}
	const line = lines.count - 1;
	return moveRow(lines, { line, row: lines.rows(line) - 1 }, -(Math.max(1, height) - 1));
};

/** True when `a` is at or below `b`. */
export const notAbove = (a: RowPosition, b: RowPosition): boolean =>
	a.line > b.line || (a.line === b.line && a.row >= b.row);
