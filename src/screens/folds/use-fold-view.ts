import { useState } from 'react';
import { canUnfold, type Fold, type FoldRow, findRow, foldRows } from './fold.ts';

interface Place {
	readonly fold: string;
	readonly index: number;
}

/** The view of a page of folds: the unfolded ones, the cursor, and the first visible row. */
export interface FoldView {
	readonly rows: readonly FoldRow[];
	/** Index of the cursor among the rows. */
	readonly cursor: number;
	/** Index of the first row that is shown. */
	readonly top: number;
	/** The state of the fold under the cursor: folded, unfolded, or neither. */
	readonly under: 'folded' | 'unfolded' | 'fixed';
	/** True when every fold is unfolded. */
	readonly whole: boolean;
	/** Moves the cursor by rows; the window follows. */
	move(by: number): void;
	/** Moves the window by rows, with the cursor. */
	scroll(by: number): void;
	toggle(): void;
	toggleAll(): void;
	/** True when there is a section after the cursor, and before it. */
	readonly hasNext: boolean;
	readonly hasBefore: boolean;
	/** Moves the cursor to the next section, or to the previous one. */
	jump(step: 1 | -1): void;
	/** Goes to the next row with a text in it, and unfolds its fold; false if there is none. */
	find(text: string, step: 1 | -1): boolean;
}

/** Returns the first row of a window of `room` rows that shows row `at`: unchanged if it already does. */
const windowWith = (at: number, top: number, room: number, count: number): number =>
	Math.max(0, Math.min(count - room, at < top ? at : at >= top + room ? at - room + 1 : top));

/**
 * Keeps the state of a page of folds, by identity: the cursor stays on its row when other folds open or close above it.
 * @param room rows of the window
 * @param start the fold on which the cursor starts, if the window shows it without being moved
 */
export const useFoldView = (folds: readonly Fold[], room: number, start: string): FoldView => {
	const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
	const [place, setPlace] = useState<Place>(() => {
		const at = foldRows(folds, unfolded).findIndex(({ fold }) => fold.id === start);
		return { fold: at < room ? start : (folds[0]?.id ?? ''), index: 0 };
	});
	const [from, setFrom] = useState(0);
	const rows = foldRows(folds, unfolded);
	const rowOf = (all: readonly FoldRow[], { fold, index }: Place): number => {
		const own = all.findLastIndex((row) => row.fold.id === fold && row.index <= index);
		return Math.max(0, own);
	};
	const cursor = rowOf(rows, place);
	const top = windowWith(cursor, from, room, rows.length);
	const put = (at: number, first: number, all = rows) => {
		const row = all[at];
		if (row !== undefined) {
			setPlace({ fold: row.fold.id, index: row.index });
			setFrom(windowWith(at, first, room, all.length));
		}
	};
	const within = (at: number) => Math.max(0, Math.min(rows.length - 1, at));
	const show = (ids: ReadonlySet<string>, to: Place, first: (at: number) => number) => {
		setUnfolded(ids);
		const all = foldRows(folds, ids);
		const at = rowOf(all, to);
		put(at, first(at), all);
	};
	const fold = rows[cursor]?.fold;
	const foldable = folds.filter(canUnfold);
	const whole = foldable.every(({ id }) => unfolded.has(id));
	const heads = rows.flatMap((row, at) => (row.fold.section && row.index === 0 ? [at] : []));
	return {
		rows,
		cursor,
		top,
		hasNext: heads.some((at) => at > cursor),
		hasBefore: heads.some((at) => at < cursor),
		under: fold === undefined || !canUnfold(fold) ? 'fixed' : unfolded.has(fold.id) ? 'unfolded' : 'folded',
		whole,
		move: (by) => put(within(cursor + by), top),
		scroll: (by) => {
			const first = Math.max(0, Math.min(rows.length - room, top + by));
			// At an end of the page the cursor moves alone.
			put(first === top ? within(cursor + by) : Math.max(first, Math.min(first + room - 1, cursor + by)), first);
		},
		toggle: () => {
			if (fold !== undefined && canUnfold(fold)) {
				const next = new Set(unfolded);
				const opens = !next.delete(fold.id);
				if (opens) {
					next.add(fold.id);
				}
				const height = fold.head.length + fold.body.length;
				// An unfolded fold is shown from its head on, as far as there is room.
				show(next, { fold: fold.id, index: 0 }, (at) =>
					opens ? Math.max(top, Math.min(at, at + height - room)) : top,
				);
			}
		},
		toggleAll: () => show(new Set(whole ? [] : foldable.map(({ id }) => id)), { ...place, index: 0 }, () => top),
		jump: (step) => {
			const next = step > 0 ? heads.find((at) => at > cursor) : heads.findLast((at) => at < cursor);
			if (next !== undefined) {
				const height = rows.filter((row) => row.fold === rows[next]?.fold).length;
				put(next, Math.max(top, Math.min(next, next + height - room)));
			}
		},
		find: (text, step) => {
			const found = findRow(folds, unfolded, { fold: fold?.id ?? '', index: rows[cursor]?.index ?? 0 }, text, step);
			if (found !== undefined) {
				const ids = found.inBody ? new Set([...unfolded, found.fold]) : unfolded;
				show(ids, found, (at) => at - Math.floor(room / 2));
			}
			return found !== undefined;
		},
	};
};
