import type { Line } from '../../components/line.ts';

/** A part of a page that can be folded: its first rows are always shown, the rest when it is unfolded. */
export interface Fold {
	readonly id: string;
	/** Always shown. */
	readonly head: readonly Line[];
	/** Shown below the head while it is folded: an excerpt of the body. */
	readonly excerpt?: readonly Line[];
	/** Shown below the head when it is unfolded; empty if there is nothing to unfold. */
	readonly body: readonly Line[];
	/** True when the keys that jump from section to section stop here. */
	readonly section: boolean;
}

/** A row of a page, with its place in a fold. */
export interface FoldRow {
	readonly fold: Fold;
	/** Index among the visible rows of its fold, from 0. */
	readonly index: number;
	readonly row: Line;
}

/** The sign before the title of a folded fold. */
export const foldMark = '▸';
const unfoldedMark = '▾';

export const canUnfold = ({ body }: Fold): boolean => body.length > 0;

/** Returns all rows of a page with these folds unfolded. */
export const foldRows = (folds: readonly Fold[], unfolded: ReadonlySet<string>): readonly FoldRow[] =>
	folds.flatMap((fold) => {
		const isOpen = unfolded.has(fold.id);
		return [...fold.head, ...(isOpen ? fold.body : (fold.excerpt ?? []))].map((row, index) => ({
			fold,
			index,
			row: isOpen && index < fold.head.length ? opened(row) : row,
		}));
	});

/** Returns a row of the head of an unfolded fold, with its sign. */
const opened = (row: Line): Line =>
	row.map((part, index) => (index === 0 ? { ...part, text: part.text.replace(foldMark, unfoldedMark) } : part));

const textOf = (row: Line): string => row.map(({ text }) => text).join('');

/** The place where a text was found: a row of a fold, which must be unfolded to show it. */
export interface FoundRow {
	readonly fold: string;
	readonly index: number;
	/** True when it is visible only in an unfolded fold. */
	readonly inBody: boolean;
}

/**
 * Finds the next row with a text in it, folded or not, starting at a row and wrapping around.
 * @param from the row before the first one that is searched; it is searched last
 * @param text matches in upper and lower case
 */
export const findRow = (
	folds: readonly Fold[],
	unfolded: ReadonlySet<string>,
	from: { readonly fold: string; readonly index: number },
	text: string,
	step: 1 | -1,
): FoundRow | undefined => {
	const all = folds.flatMap((fold): readonly (FoundRow & { readonly row: Line })[] =>
		[...fold.head, ...fold.body].map((row, index) => ({
			fold: fold.id,
			index,
			inBody: index >= fold.head.length,
			row,
		})),
	);
	// A row of an excerpt counts as the head above it.
	const at = all.findIndex(({ fold, index }) => {
		const heads = folds.find(({ id }) => id === fold)?.head.length ?? 1;
		return fold === from.fold && index === (unfolded.has(fold) ? from.index : Math.min(from.index, heads - 1));
	});
	const wanted = text.toLowerCase();
	for (let by = 1; by <= all.length; by++) {
		const found = all[(((at + step * by) % all.length) + all.length) % all.length];
		if (found !== undefined && textOf(found.row).toLowerCase().includes(wanted)) {
			return { fold: found.fold, index: found.index, inBody: found.inBody };
		}
	}
	return undefined;
};
