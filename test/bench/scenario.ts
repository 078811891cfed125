import type { BenchHost } from './host/open.ts';
import type { HostPlan } from './host/orders.ts';

export type Unit =
	| 'ms'
	| '×'
	| '% of a core'
	| 'bytes/s'
	| 'bytes'
	| 'MB'
	| 'lines'
	| 'round trips'
	| 's'
	| 'MB/s'
	| '';

/** One figure of the table. */
export interface Finding {
	readonly what: string;
	readonly unit: Unit;
	readonly values: readonly number[];
	/** The statistic that is judged and shown first; default: the median. */
	readonly judged?: 'p50' | 'p90' | 'p99' | 'max';
	/** The budget. */
	readonly atMost?: number;
	readonly atLeast?: number;
	/** Measured in the same run, in words: what it stands beside. */
	readonly beside?: string;
	/**
	 * A quick run fails beyond this: a ratio, or a count that no load of the machine explains, with room enough for any
	 * machine. Findings without it never fail a run.
	 */
	readonly alarm?: number;
}

export interface Bench {
	/** Fewer repetitions, smaller loads: to see that nothing is badly wrong. */
	readonly quick: boolean;
	/** A host to measure against; the same one for the same plan. */
	host(plan?: Partial<Omit<HostPlan, 'folder'>>): Promise<BenchHost>;
	/** Says why something was not measured. */
	skip(what: string, why: string): void;
	/** `full` times, or `quick` ones. */
	times(full: number, quick: number): number;
}

/** One row of the table, or a few that are measured together. */
export interface Scenario {
	/** Name for the command line. */
	readonly name: string;
	readonly title: string;
	/** True when it is part of a quick run. */
	readonly quick: boolean;
	/** True when it measures how a cost grows. */
	readonly grows?: boolean;
	measure(bench: Bench): AsyncIterable<Finding>;
}
