import type { Instance, InstanceSummary } from '../../engine/instance.ts';

/** An instance as it was inspected. */
export interface KnownInstance {
	readonly instance: Instance;
	/** What the list said of it; empty: it has not been listed since. */
	readonly words: string;
	/** When it was inspected, ms. */
	readonly at: number;
	/** When that was asked for, ms: an answer that was asked for earlier says less. */
	readonly askedAt: number;
}

/** How often, ms, each of so many instances is inspected though nothing seems to have changed: at most two a second. */
export const inspectAfterMs = (instances: number): number => Math.max(30_000, instances * 500);
/** Age at which an instance with a health check is inspected again, ms: only inspections show its probes. */
const probedAfterMs = 10_000;
/** Inspections come with a list: that is how late they may be, ms. */
const lateMs = 7000;

/** `Up 3 minutes (healthy)`: what stands in brackets; the rest of the words changes by itself. */
export const healthIn = (words: string): string | undefined => /\(([^)]*)\)/.exec(words)?.[1];

/** Whether a list that says this leaves no doubt that an instance is as it was. */
export const isAsItWas = ({ instance, words, at }: KnownInstance, listed: InstanceSummary, count: number): boolean =>
	listed.status === instance.status &&
	listed.words === words &&
	// Up for a minute or less, the same words may be those of another start.
	!/second|About a minute/.test(words) &&
	performance.now() - at < (instance.health === undefined ? inspectAfterMs(count) + lateMs : probedAfterMs);
