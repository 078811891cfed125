import { createYieldingUses, type YieldingUse } from './yielding-uses.ts';

interface Waiter {
	readonly long: boolean;
	readonly grant: () => void;
}

/** A place among the sessions of a connection. */
export interface SessionPermit {
	/** Called when the server has freed the session. */
	release(): void;
	/** Called when we need no more of it; the server keeps it until its command has ended. */
	giveUp(): void;
	/** Marks it as one that may be closed when others wait: its user restarts it when needed. */
	mayYield(use: YieldingUse): void;
}

/**
 * Counts the session channels of a connection: sshd allows ten by default (MaxSessions). First come, first served; one place is reserved
 * for short commands, so that they always run. A session that was given up and does not end takes none of our places, but one of the
 * server's.
 */
export interface Sessions {
	/** Waits for a place; `long` for a command that stays. Rejects with the signal's reason. Release exactly once. */
	acquire(long: boolean, signal: AbortSignal | undefined): Promise<SessionPermit>;
	/** Records that the server refused one more: it allows as many as are open now. False when none of ours is open. */
	refused(): boolean;
	/** True when there has been one. */
	readonly used: boolean;
	/** The number that the server allows, as far as it is known. */
	readonly limit: number;
	/** The number in use by commands that do not stay. */
	readonly short: number;
}

/** Time after a refusal until one more is tried, if callers are waiting, ms. */
const probeMs = 1000;

/** Joins a queue; resolves to a place when its turn has come, and leaves it when the signal is aborted, with its reason. */
const join = (
	queue: Waiter[],
	long: boolean,
	signal: AbortSignal | undefined,
	place: () => SessionPermit,
): Promise<SessionPermit> =>
	new Promise((resolve, reject) => {
		if (signal?.aborted) {
			reject(signal.reason);
			return;
		}
		const abort = () => {
			const index = queue.indexOf(waiter);
			if (index >= 0) {
				queue.splice(index, 1);
			}
			reject(signal?.reason);
		};
		const waiter: Waiter = {
			long,
			grant: () => {
				signal?.removeEventListener('abort', abort);
				resolve(place());
			},
		};
		signal?.addEventListener('abort', abort, { once: true });
		queue.push(waiter);
	});

/**
 * Creates a counter of at most this many places.
 * @param known the limit on the last connection; tested again like every limit
 */
export const createSessions = (most: number, known = Number.POSITIVE_INFINITY): Sessions => {
	/**
	 * The limit of the server, as shown by its refusals. It may refuse for a moment only, while it has not yet noticed the end of commands
	 * that we know to have ended: so one more is tried repeatedly, as long as callers are waiting.
	 */
	let allowed = known;
	let probe: ReturnType<typeof setTimeout> | undefined;
	let active = 0;
	let activeLong = 0;
	/** Given up, and not ended yet. */
	let held = 0;
	const queue: Waiter[] = [];
	let used = false;
	const yielding = createYieldingUses(() => {
		if (queue.length === 0) {
			return 'none';
		}
		return held > 0 ? 'held' : allowed < most ? 'server' : 'own';
	});

	const fits = (long: boolean) => {
		// With none of ours open one is tried: the known limit may be out of date.
		if (active === 0) {
			return true;
		}
		const limit = Math.min(most, allowed);
		// The place for short commands is not given to a session that was given up and has not ended.
		const kept = long && limit > 1 ? 1 : 0;
		return active < limit && active + held + kept < allowed && (!long || activeLong + kept < limit);
	};
	const probeLater = () => {
		// Only if callers wait for the server's limit, and not for ours.
		if (probe !== undefined || queue.length === 0 || active >= most) {
			return;
		}
		probe = setTimeout(() => {
			probe = undefined;
			if (queue.length > 0 && active < most) {
				allowed++;
				pump();
			}
			probeLater();
		}, probeMs);
		probe.unref();
	};
	const pump = () => {
		for (let index = 0; index < queue.length; ) {
			const waiter = queue[index];
			if (waiter && fits(waiter.long)) {
				queue.splice(index, 1);
				waiter.grant();
			} else {
				index++;
			}
		}
	};

	const place = (long: boolean): SessionPermit => {
		let state: 'active' | 'held' | 'free' = 'active';
		let own: YieldingUse | undefined;
		used = true;
		active++;
		activeLong += long ? 1 : 0;
		const leave = () => {
			active--;
			activeLong -= long ? 1 : 0;
		};
		const yieldNoMore = () => own !== undefined && yielding.remove(own);
		return {
			mayYield: (use) => {
				if (state === 'active') {
					own = use;
					yielding.add(use);
				}
			},
			release: () => {
				yieldNoMore();
				if (state === 'active') {
					leave();
				} else if (state === 'held') {
					held--;
				}
				state = 'free';
				pump();
				probeLater();
			},
			giveUp: () => {
				yieldNoMore();
				if (state === 'active') {
					leave();
					held++;
					state = 'held';
					pump();
				}
			},
		};
	};

	return {
		get used() {
			return used;
		},
		get limit() {
			return allowed;
		},
		get short() {
			return active - activeLong;
		},
		refused: () => {
			// The refused one is counted as well.
			if (active <= 1) {
				return false;
			}
			allowed = Math.min(allowed, active - 1 + held);
			clearTimeout(probe);
			probe = undefined;
			probeLater();
			return true;
		},
		acquire: (long, signal) => {
			const turn = join(queue, long, signal, () => place(long));
			pump();
			probeLater();
			yielding.look();
			return turn;
		},
	};
};
