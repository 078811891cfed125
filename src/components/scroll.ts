/** Returns the first row to show so that `selected` stays in view, near the middle of a window of `height` rows over `total`. */
export const windowStart = (total: number, selected: number, height: number): number =>
	Math.max(0, Math.min(selected - Math.floor(height / 2), total - height));

/**
 * Moves a selection by identity: to the item `by` places from the selected one, or near its old place when it is gone.
 * @param fallback the index to count from when `selected` is not in `ids`
 */
export const moved = <T>(ids: readonly T[], selected: T | undefined, by: number, fallback = 0): T | undefined => {
	const at = selected === undefined ? -1 : ids.indexOf(selected);
	const from = at >= 0 ? at : Math.min(fallback, ids.length - 1);
	return ids[Math.max(0, Math.min(ids.length - 1, from + by))];
};

/** Like `moved`, but wraps around at both ends. */
export const cycled = <T>(ids: readonly T[], selected: T | undefined, by: number): T | undefined => {
	const at = selected === undefined ? -1 : ids.indexOf(selected);
	return at < 0 ? ids[0] : ids[(((at + by) % ids.length) + ids.length) % ids.length];
};
