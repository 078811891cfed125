import type { Row } from '../terminal/row.ts';
import type { Rect } from './panel.ts';

/** Joins blocks side by side into rows over the full width for the painter. */
export interface Canvas {
	/**
	 * Puts a block at its place, or removes it. Blocks do not overlap.
	 * @param rows painted, each exactly as wide as the rectangle
	 */
	put(id: string, rect: Rect, rows: readonly string[] | undefined): void;
	/** Returns the rows from `top` on, each `width` cells wide. */
	draw(top: number, width: number, height: number): readonly Row[];
}

interface Patch {
	readonly rect: Rect;
	readonly rows: readonly string[];
}

export const createCanvas = (): Canvas => {
	const patches = new Map<string, Patch>();
	// Joined once and cached: the painter requests all rows at every frame.
	const composed = new Map<number, Row>();
	let drawnWidth = 0;

	const forget = (rect: Rect) => {
		for (let y = rect.y; y < rect.y + rect.height; y++) {
			composed.delete(y);
		}
	};
	const compose = (y: number, width: number): Row => {
		const pieces = [...patches.values()]
			.filter(({ rect }) => y >= rect.y && y < rect.y + rect.height)
			.sort((a, b) => a.rect.x - b.rect.x);
		let text = '';
		let cells = 0;
		for (const { rect, rows } of pieces) {
			text += ' '.repeat(Math.max(0, rect.x - cells)) + (rows[y - rect.y] ?? ' '.repeat(rect.width));
			cells = rect.x + rect.width;
		}
		return { text, cells: Math.min(width, cells) };
	};
	return {
		put: (id, rect, rows) => {
			const before = patches.get(id);
			if (before !== undefined) {
				forget(before.rect);
			}
			if (rows === undefined) {
				patches.delete(id);
			} else {
				patches.set(id, { rect, rows });
				forget(rect);
			}
		},
		draw: (top, width, height) => {
			if (width !== drawnWidth) {
				composed.clear();
				drawnWidth = width;
			}
			return Array.from({ length: height }, (_, index) => {
				const y = top + index;
				const row = composed.get(y) ?? compose(y, width);
				composed.set(y, row);
				return row;
			});
		},
	};
};
