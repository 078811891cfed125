/** Counters at one moment: values by series. */
export interface Counters {
	/** ms since the epoch. */
	readonly at: number;
	readonly values: ReadonlyMap<string, number>;
}

/** The increase of counters over a time. */
export interface Increase {
	readonly total: number;
	readonly seconds: number;
}

/** Adds up what counters have grown by. One that became smaller has started again at 0, as Prometheus' `increase` sees it. */
const growth = (before: Counters, now: Counters): number => {
	let total = 0;
	for (const [series, value] of now.values) {
		const last = before.values.get(series);
		if (Number.isFinite(value)) {
			// A series that was not there has grown from 0: counters appear with their first event.
			total += last === undefined || !Number.isFinite(last) || value < last ? value : value - last;
		}
	}
	return total;
};

/** Readings of counters in the last while. */
export interface QueryWindow {
	/** Adds a reading, and drops those that are no longer needed. */
	add(counters: Counters): void;
	/** Drops readings from before a moment, ms since the epoch: another process made them. */
	forgetBefore(at: number): void;
	/** Returns the growth since the beginning of the window; undefined with fewer than two readings. */
	increase(): Increase | undefined;
}

/** @param overMs length of the window, ms */
export const createQueryWindow = (overMs: number): QueryWindow => {
	let readings: readonly Counters[] = [];
	return {
		add: (counters) => {
			const from = counters.at - overMs;
			// The newest reading before the window is its beginning.
			const first = readings.findLastIndex(({ at }) => at <= from);
			readings = [...readings.slice(Math.max(0, first)), counters];
		},
		forgetBefore: (moment) => {
			readings = readings.filter(({ at }) => at >= moment);
		},
		increase: () => {
			const [first, last] = [readings[0], readings.at(-1)];
			if (first === undefined || last === undefined || first === last) {
				return undefined;
			}
			let total = 0;
			for (const [at, reading] of readings.entries()) {
				const before = readings[at - 1];
				total += before === undefined ? 0 : growth(before, reading);
			}
			return { total, seconds: (last.at - first.at) / 1000 };
		},
	};
};
