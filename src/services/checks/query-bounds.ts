import { ago, type MeasuredBefore, type Outcome } from './outcome.ts';

/** The bounds of a measured value. */
export interface Bounds {
	readonly above?: number;
	readonly below?: number;
	/** The value may not be worse than the one before. */
	readonly against?: 'before';
	/** More than 1: the value may be at most so many times the earlier one. Less than 1: it has to be at least that part of it. */
	readonly factor: number;
	/** A value up to this is never worse than before. */
	readonly floor: number;
	readonly unit?: string;
}

/** Formats a value with four digits, and its unit. */
export const valueText = (value: number, unit = ''): string => {
	const digits = Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
	return unit === '' ? digits : `${digits} ${unit}`;
};

/** Returns how a value breaks the bounds; undefined when it keeps them. */
const brokenBy = (value: number, bounds: Bounds, before: MeasuredBefore | undefined, now: number) => {
	const text = (of: number) => valueText(of, bounds.unit);
	if (bounds.above !== undefined && !(value > bounds.above)) {
		return `${text(value)}, not above ${text(bounds.above)}`;
	}
	if (bounds.below !== undefined && !(value < bounds.below)) {
		return `${text(value)}, not below ${text(bounds.below)}`;
	}
	if (bounds.against === undefined || before === undefined) {
		return undefined;
	}
	const { factor, floor } = bounds;
	const limit = before.value * factor;
	const isWorse = factor >= 1 ? value > Math.max(limit, floor) : value < limit;
	const side = factor >= 1 ? 'more than' : 'less than';
	return isWorse
		? `${text(value)}, ${side} ${valueText(factor)} × ${text(before.value)} ${before.when} ${ago(now - before.at)} ago`
		: undefined;
};

/**
 * Judges a value by its bounds. Without an earlier value to compare with, other bounds decide; if there are none, nothing is known.
 *
 * @param now ms since the epoch
 */
export const judgeValue = (
	value: number,
	bounds: Bounds,
	before: MeasuredBefore | undefined,
	now: number,
): Pick<Outcome, 'state' | 'reason' | 'inconclusive'> => {
	const broken = brokenBy(value, bounds, before, now);
	if (broken !== undefined) {
		return { state: 'failed', reason: broken };
	}
	const said = valueText(value, bounds.unit);
	const hasOther = bounds.above !== undefined || bounds.below !== undefined;
	if (bounds.against === 'before' && before === undefined) {
		const nothing = `${said}; no earlier value to compare with`;
		return hasOther
			? { state: 'passed', reason: nothing }
			: { state: 'unknown', inconclusive: 'nothing-before', reason: `inconclusive: ${nothing}` };
	}
	const compared =
		before === undefined || bounds.against === undefined ? '' : `, before ${valueText(before.value, bounds.unit)}`;
	return { state: 'passed', reason: `${said}${compared}` };
};
