import type { Line } from '../../components/line.ts';
import type { Fold } from './fold.ts';

/** Rows that folds have while they are folded. */
export const rowsOf = (folds: readonly Fold[]): number =>
	folds.reduce((sum, { head, excerpt = [] }) => sum + head.length + excerpt.length, 0);

/** A part of a page that is always shown whole. */
export const fixed = (id: string, head: readonly Line[]): Fold => ({ id, head, body: [], section: true });
