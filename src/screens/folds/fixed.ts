import type { Line } from '../../components/line.ts';
import type { Fold } from './fold.ts';

/** Returns the number of rows of folded folds. */
export const rowsOf = (folds: readonly Fold[]): number =>
	folds.reduce((sum, { head, excerpt = [] }) => sum + head.length + excerpt.length, 0);

/** Returns a part of a page that is always shown in full. */
export const fixed = (id: string, head: readonly Line[]): Fold => ({ id, head, body: [], section: true });
