import { parseSelector } from '../metrics/selector.ts';
import type { CheckTools } from './check-kind.ts';
import { type QueryRequest, type Read, readPage } from './query-source.ts';
import { createQueryWindow, type Increase } from './query-window.ts';

/** Part of the window that has to be measured before a rate counts. */
const measuredPart = 0.9;

/** The measurement on a page of metrics. */
export interface PageQuery extends QueryRequest {
	/** A selector of series, which are added up. */
	readonly series: string;
	/** A selector of the series to divide by. */
	readonly of?: string;
	/** True: the increase over `overMs`, per second or as a share. */
	readonly rate: boolean;
	readonly overMs: number;
	/** The increase of `of` that a share needs. */
	readonly least: number;
}

const tooLittle = (why: string): Read<number> => ({ none: why, tooLittle: true });

/** Measures series of a page, alone or as a share of others, now or as increases. Increases begin anew when a container was started. */
export const pageReader = (definition: PageQuery, { context, snapshots }: CheckTools) => {
	const { series, of, rate, overMs, least } = definition;
	const selectors = [series, ...(of === undefined ? [] : [of])].map(parseSelector);
	const windows = selectors.map(() => createQueryWindow(overMs));

	const rateOf = ([own, whole]: readonly (Increase | undefined)[]): Read<number> => {
		if (own === undefined || own.seconds * 1000 < overMs * measuredPart) {
			return tooLittle(`measured for ${Math.floor(own?.seconds ?? 0)} of ${overMs / 1000} s`);
		}
		if (of === undefined) {
			return { value: own.total / own.seconds };
		}
		const events = whole?.total ?? 0;
		return events < least || events === 0
			? tooLittle(`${of} grew by ${events} in ${Math.round(own.seconds)} s, and ${Math.max(least, 1)} are needed`)
			: { value: own.total / events };
	};

	return async (signal: AbortSignal): Promise<Read<number>> => {
		const read = await readPage(context.host, definition, selectors, signal);
		if ('none' in read) {
			return read;
		}
		const [own, whole] = read.value;
		const sums = read.value.map(({ values }) => [...values.values()].reduce((sum, value) => sum + value, 0));
		// Errors are not counted before the first one; what they are a share of has to be there.
		const missing = whole === undefined ? own : whole;
		if (missing === undefined || missing.values.size === 0) {
			return { none: `the page has no series ${whole === undefined ? series : of}` };
		}
		if (rate) {
			windows.forEach((window, at) => {
				window.forgetBefore(snapshots.newestStart() ?? 0);
				const counters = read.value[at];
				if (counters !== undefined) {
					window.add(counters);
				}
			});
			return rateOf(windows.map((window) => window.increase()));
		}
		const [value = Number.NaN, divisor] = sums;
		return of === undefined ? { value } : divisor === 0 ? tooLittle(`${of} is 0`) : { value: value / (divisor ?? 1) };
	};
};
