/** A use of a session that gives way to others, such as a connection to Docker. */
export interface YieldingUse {
	/** Since when nothing came and nothing was sent, ms by `performance.now()`. */
	quietSince(): number;
	close(): void;
}

/** Who waits for a session that only others could free; `held`: one is being freed. */
export type Demand = 'short' | 'long' | 'held' | 'none';

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
 * A use gives way to a short command when it was quiet for the first of these, and to anybody after the second, ms. What uses it is
 * begun again by whoever needs it, so that all have their turn.
 */
const afterMs = { quiet: 1000, held: 5000 } as const;

/** Keeps the uses that give way. They are closed one at a time, the one that was quiet longest first. */
export const createYieldingUses = (demand: () => Demand): YieldingUses => {
	const since = new Map<YieldingUse, number>();
	let timer: ReturnType<typeof setTimeout> | undefined;

	const next = (isShort: boolean): YieldingUse | undefined => {
		const now = performance.now();
		const gives = ([use, begun]: readonly [YieldingUse, number]) =>
			now - begun >= afterMs.held || (isShort && now - use.quietSince() >= afterMs.quiet);
		const ready = [...since].filter(gives).map(([use]) => use);
		return ready.toSorted((a, b) => a.quietSince() - b.quietSince())[0];
	};

	const look = () => {
		if (timer !== undefined || since.size === 0 || demand() === 'none') {
			return;
		}
		timer = setTimeout(() => {
			timer = undefined;
			const wanted = demand();
			const use = wanted === 'short' || wanted === 'long' ? next(wanted === 'short') : undefined;
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
