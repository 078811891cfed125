/** A use of a session that gives way to others, such as a connection to Docker. */
export interface YieldingUse {
	/** Since when it has been in use, ms by `performance.now()`; undefined while it is kept for a later use. */
	busySince(): number | undefined;
	close(): void;
}

/**
 * Why somebody waits for a session that only others could free: by the server's limit, or by our own. `held`: one is being freed.
 */
export type Demand = 'server' | 'own' | 'held' | 'none';

/** Closes uses that give way, while somebody waits. */
export interface YieldingUses {
	add(use: YieldingUse): void;
	remove(use: YieldingUse): void;
	/** Call this when somebody may have begun to wait. */
	look(): void;
}

/** How often it is looked for a use that gives way, while somebody waits, ms. */
const lookEveryMs = 250;

/**
 * How long a use may stay busy where the server allows few sessions and somebody waits, ms; one that is not busy gives way at once.
 * What uses it is begun again by whoever needs it, so that all have their turn.
 */
const busyMs = 5000;

/** Keeps the uses that give way. They are closed one at a time, the one that has been busy longest after those that are not. */
export const createYieldingUses = (demand: () => Demand): YieldingUses => {
	const since = new Map<YieldingUse, number>();
	let timer: ReturnType<typeof setTimeout> | undefined;

	const next = (hasServerLimit: boolean): YieldingUse | undefined => {
		/** When it began to be busy; before everything else for one that is not. */
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
