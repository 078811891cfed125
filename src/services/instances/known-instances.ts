import type { Instance, InstanceSummary } from '../../engine/instance.ts';
import type { PendingChange } from './instance-change.ts';
import type { KnownInstance } from './known-instance.ts';
import type { StopWatch } from './stop-watch.ts';

/** The last readings of a deployment's instances. */
export interface KnownInstances {
	all(): readonly KnownInstance[];
	get(id: string): KnownInstance | undefined;
	/** Stores a reading, unless the known one was requested later. Returns the known one. */
	keep(instance: Instance, words: string, askedAt: number): Instance;
	forget(id: string): void;
	/** Removes instances that a list does not have, unless they appeared after it was requested. */
	forgetAbsent(listed: readonly InstanceSummary[], askedAt: number): void;
	/** Time when a restart of an instance was last seen, by this machine's clock. */
	restartedAt(id: string): number | undefined;
}

/** @param pending collects what changes */
export const createKnownInstances = (pending: PendingChange, stops: StopWatch): KnownInstances => {
	const known = new Map<string, KnownInstance>();
	const restartedAt = new Map<string, number>();
	const forget = (id: string) => {
		const had = known.get(id);
		if (had !== undefined) {
			known.delete(id);
			pending.forget(had.instance);
		}
		restartedAt.delete(id);
		stops.forget(id);
	};
	return {
		all: () => [...known.values()],
		get: (id) => known.get(id),
		restartedAt: (id) => restartedAt.get(id),
		forget,
		keep: (instance, words, askedAt) => {
			const had = known.get(instance.id);
			if (had !== undefined && had.askedAt > askedAt) {
				return had.instance;
			}
			pending.keep(had?.instance, instance);
			if (had !== undefined && instance.restarts > had.instance.restarts) {
				restartedAt.set(instance.id, Date.now());
			}
			known.set(instance.id, { instance, words, at: performance.now(), askedAt });
			return instance;
		},
		forgetAbsent: (listed, askedAt) => {
			const present = new Set(listed.map(({ id }) => id));
			for (const [id, one] of [...known]) {
				if (!present.has(id) && one.askedAt <= askedAt) {
					forget(id);
				}
			}
		},
	};
};
