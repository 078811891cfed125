import type { Line } from '../../components/line.ts';

/** A part of a page that can be folded: its first rows always show, the rest when it is unfolded. */
export interface Fold {
	readonly id: string;
	/** Shown always. */
	readonly head: readonly Line[];
	/** Shown below the head while it is folded: an excerpt of the body. */
	readonly excerpt?: readonly Line[];
	/** Shown below the head once it is unfolded; empty: there is nothing to unfold. */
	readonly body: readonly Line[];
	/** Whether the keys that jump from section to section stop here. */
	readonly section: boolean;
}

/** A row of a page, and where in which of its folds it is. */
export interface FoldRow {
	readonly fold: Fold;
	/** Place among the rows of its fold that are shown, from 0. */
	readonly index: number;
	readonly row: Line;
}

/** What is before the title of a fold: folded, and unfolded. */
export const foldMark = '▸';
const unfoldedMark = '▾';

export const canUnfold = ({ body }: Fold): boolean => body.length > 0;

/** All rows of a page with these folds unfolded. */
export const foldRows = (folds: readonly Fold[], unfolded: ReadonlySet<string>): readonly FoldRow[] =>
	folds.flatMap((fold) => {
		const isOpen = unfolded.has(fold.id);
		return [...fold.head, ...(isOpen ? fold.body : (fold.excerpt ?? []))].map((row, index) => ({
			fold,
			index,
			row: isOpen && index < fold.head.length ? opened(row) : row,
		}));
	});

/** A row of the head of a fold that is unfolded, with the sign for it. */
const opened = (row: Line): Line =>
	row.map((part, index) => (index === 0 ? { ...part, text: part.text.replace(foldMark, unfoldedMark) } : part));

const textOf = (row: Line): string => row.map(({ text }) => text).join('');

/** Where a text is found: a row of a fold, which must be unfolded to show it. */
export interface FoundRow {
	readonly fold: string;
	readonly index: number;
	/** Whether it shows only when its fold is unfolded. */
	readonly inBody: boolean;
}

/**
 * The next row with a text in it, folded or not, from a row on, and from the end on to the beginning again.
 * @param from the row before the first one that is looked at; it is the last one
 * @param text upper and lower case are the same
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
