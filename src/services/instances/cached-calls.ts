import type { Engine } from '../../engine/engine.ts';
import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import { createCoalescer } from '../host/coalesce.ts';

type PendingCall = Pick<Engine, 'list' | 'inspect'>;

/** What several ask for at about the same time. */
export interface CachedCalls extends PendingCall {
	/**
	 * An inspection of a listed container: the last one that anybody made, while the list leaves no doubt that the container is as it
	 * was. With many containers it is the inspections that cost.
	 */
	details(listed: InstanceSummary, signal?: AbortSignal): Promise<Instance | undefined>;
	/** Somebody has inspected a container, of which the list had said these words; empty: it has not been listed since. */
	note(details: Instance, words: string): void;
}

interface Inspected {
	readonly details: Instance;
	/** Docker's words for the state it was in: `Up 3 minutes (healthy)`. */
	readonly words: string;
	readonly at: number;
}

/** How often, ms, each of so many containers is inspected though nothing seems to have changed: at most two a second. */
export const inspectAfterMs = (containers: number): number => Math.max(30_000, containers * 500);
/** Where a health check's probes are told only by inspections. */
const probedAfterMs = 10_000;
/** Inspections come with a list: that is how late they may be. */
const lateMs = 7_000;

/** The same calls, each sent once for all who ask within a moment; see `createTogether`. */
export const cacheCalls = ({ list, inspect }: PendingCall): CachedCalls => {
	const inspected = new Map<string, Inspected>();
	let count = 0;
	const together = createCoalescer();
	/** Whether a list that says this leaves no doubt that a container is as it was. */
	const isAsItWas = ({ details, words, at }: Inspected, listed: InstanceSummary): boolean =>
		listed.status === details.status &&
		listed.words === words &&
		// Up for a minute or less, the same words may be those of another start.
		!/second|About a minute/.test(words) &&
		performance.now() - at < (details.health === undefined ? inspectAfterMs(count) + lateMs : probedAfterMs);

	const ask = {
		list: (signal?: AbortSignal) =>
			together(
				'list',
				async (left) => {
					const listed = await list(left);
					const present = new Set(listed.map(({ id }) => id));
					for (const id of [...inspected.keys()].filter((id) => !present.has(id))) {
						inspected.delete(id);
					}
					count = listed.length;
					return listed;
				},
				signal,
			),
		inspect: (id: string, signal?: AbortSignal) => together(`inspect ${id}`, (left) => inspect(id, left), signal),
		note: (details: Instance, words: string) => {
			inspected.set(details.id, { details, words, at: performance.now() });
		},
	};
	return {
		...ask,
		details: async (listed, signal) => {
			const had = inspected.get(listed.id);
			if (had !== undefined && isAsItWas(had, listed)) {
				return had.details;
			}
			const details = await ask.inspect(listed.id, signal);
			if (details !== undefined) {
				ask.note(details, listed.words);
			}
			return details;
		},
	};
};

const caches = new WeakMap<PendingCall, CachedCalls>();

/** The calls of an engine that its readers share. */
export const sharedCalls = (engine: PendingCall): CachedCalls => {
	const cache = caches.get(engine) ?? cacheCalls(engine);
	caches.set(engine, cache);
	return cache;
};
