/** A use of a session that gives way to others, such as a connection to Docker. */
export interface YieldingUse {
	/** Start of its current use, ms by `performance.now()`; undefined while it is kept for a later use. */
	busySince(): number | undefined;
	close(): void;
}

/**
 * The reason why a caller waits for a session that only others could free: the server's limit, or our own. `held`: one is being freed.
 */
export type Demand = 'server' | 'own' | 'held' | 'none';

/** Closes uses that give way, while callers wait. */
export interface YieldingUses {
	add(use: YieldingUse): void;
	remove(use: YieldingUse): void;
	/** Must be called when a caller may have begun to wait. */
	look(): void;
}

/** Interval of the search for a use that gives way, while callers wait, ms. */
const lookEveryMs = 250;

/**
 * Time for which a use may stay busy when the server allows few sessions and callers wait, ms; one that is not busy gives way at once.
 * Its user restarts it, so that all have their turn.
 */
const busyMs = 5000;

/** Tracks the uses that give way. They are closed one at a time, the longest busy one after those that are not busy. */
export const createYieldingUses = (demand: () => Demand): YieldingUses => {
	const since = new Map<YieldingUse, number>();
	let timer: ReturnType<typeof setTimeout> | undefined;

	const next = (hasServerLimit: boolean): YieldingUse | undefined => {
		/** Returns the start of its busy time; the earliest possible for one that is not busy. */
		const beganOf = ([use, begun]: readonly [YieldingUse, number]): number => {
			const busy = use.busySince();
			return busy === undefined ? Number.NEGATIVE_INFINITY : Math.max(begun, busy);
		};
		const [first] = [...since].toSorted((a, b) => beganOf(a) - beganOf(b));
		const latest = hasServerLimit ? performance.now() - busyMs : Number.NEGATIVE_INFINITY;
		return first !== undefined && beganOf(first) <= latest ? first[0] : undefined;
	};

	const look = () => {
		if (timer !== undefined || since.size === 0 || demand() === 'none') {
			return;
		}
		timer = setTimeout(() => {
			timer = undefined;
			const wanted = demand();
			const use = wanted === 'server' || wanted === 'own' ? next(wanted === 'server') : undefined;
			if (use !== undefined) {
				since.delete(use);
				use.close();
			}
			look();
		}, lookEveryMs);
		timer.unref();
	};

	return {
		add: (use) => {
			since.set(use, performance.now());
			look();
		},
		remove: (use) => {
			since.delete(use);
		},
		look,
	};
};
