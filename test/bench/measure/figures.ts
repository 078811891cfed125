/** The statistics of many measurements. */
export interface Figures {
	readonly count: number;
	readonly min: number;
	readonly p50: number;
	readonly p90: number;
	readonly p99: number;
	readonly max: number;
}

/** The smallest value that so large a part of all is not above. NaN of none. */
export const quantile = (values: readonly number[], part: number): number => {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const figuresOf = (values: readonly number[]): Figures => ({
	count: values.length,
	min: quantile(values, 0),
	p50: quantile(values, 0.5),
	p90: quantile(values, 0.9),
	p99: quantile(values, 0.99),
	max: quantile(values, 1),
});
