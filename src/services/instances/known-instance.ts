import type { Instance, InstanceSummary } from '../../engine/instance.ts';

/** An instance with its last inspection. */
export interface KnownInstance {
	readonly instance: Instance;
	/** The words of the list about it; empty: not listed since. */
	readonly words: string;
	/** Time of the inspection, ms. */
	readonly at: number;
	/** Time of its request, ms: the response to an earlier request counts less. */
	readonly askedAt: number;
}

/** Returns the interval, ms, at which each of a number of instances is inspected without a known change: at most two a second. */
export const inspectAfterMs = (instances: number): number => Math.max(30_000, instances * 500);
/** Age at which an instance with a health check is inspected again, ms: only inspections show its probes. */
const probedAfterMs = 10_000;
/** Inspections are made along with a list, so they may be this late, ms. */
const lateMs = 7000;

/** Returns the part in brackets of `Up 3 minutes (healthy)`; the rest of the words changes with time. */
export const healthIn = (words: string): string | undefined => /\(([^)]*)\)/.exec(words)?.[1];

/** True when an instance was inspected recently enough, unless something is known to have changed. */
export const isFresh = ({ instance, at }: KnownInstance, count: number): boolean =>
	performance.now() - at < (instance.health === undefined ? inspectAfterMs(count) + lateMs : probedAfterMs);

/** True when a list with these words leaves no doubt that an instance is unchanged. */
export const isAsItWas = (known: KnownInstance, listed: InstanceSummary, count: number): boolean =>
	listed.status === known.instance.status &&
	listed.words === known.words &&
	// During the first minute, the same words may come from another start.
	!/second|About a minute/.test(known.words) &&
	isFresh(known, count);
