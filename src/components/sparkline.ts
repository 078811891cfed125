const steps = '▁▂▃▄▅▆▇█';

/**
 * Returns the last `cells` values as a line of bars, oldest first; `·` if there is no value. The scale is from the smallest to the largest
 * value shown, or from 0 with `fromZero`; with `atLeast` it reaches at least that value.
 */
export const sparkline = (
	values: readonly (number | undefined)[],
	cells: number,
	fromZero = false,
	atLeast = Number.NEGATIVE_INFINITY,
): string => {
	const shown = cells > 0 ? values.slice(-cells) : [];
	const known = shown.filter((value): value is number => value !== undefined && Number.isFinite(value));
	const low = fromZero ? 0 : Math.min(...known);
	const high = Math.max(...known, atLeast);
	const bars = shown.map((value) => {
		if (value === undefined || !Number.isFinite(value)) {
			return '·';
		}
		const height = high > low ? (value - low) / (high - low) : fromZero ? 0 : 0.3;
		return steps[Math.min(steps.length - 1, Math.max(0, Math.round(height * (steps.length - 1))))] ?? '▁';
	});
	return bars.join('').padStart(Math.max(0, cells));
};

/** Returns a share of 0 to 1 as a bar of `cells` cells: `███·····`. */
export const bar = (share: number, cells: number): string => {
	const full = Math.min(cells, Math.max(0, Math.round(share * cells)));
	return '█'.repeat(full) + '·'.repeat(Math.max(0, cells - full));
};
