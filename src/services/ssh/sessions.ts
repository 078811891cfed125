import { createYieldingUses, type YieldingUse } from './yielding-uses.ts';

interface Waiter {
	readonly long: boolean;
	readonly grant: () => void;
}

/** A place among the sessions of a connection. */
export interface SessionPermit {
	/** The server has freed the session. */
	release(): void;
	/** We want no more of it; the server holds it until its command has ended. */
	giveUp(): void;
	/** It may be closed when others wait: what uses it is begun again by whoever needs it. */
	mayYield(use: YieldingUse): void;
}

/**
 * Counts the session channels of a connection: sshd allows ten by default (MaxSessions), and shares them with nobody who
 * asks too much. First come, first served; one place is kept from long-lived commands, so that short ones always run.
 * What was given up and does not end takes none of our places, but one of the server's.
 */
export interface Sessions {
	/** Waits for a place; `long` for a command that stays. Rejects with the signal's reason. Release exactly once. */
	acquire(long: boolean, signal: AbortSignal | undefined): Promise<SessionPermit>;
	/** Says that the server refused one more: it allows as many as are open now. False when none of ours is open. */
	refused(): boolean;
	/** Whether there was one. */
	readonly used: boolean;
	/** How many the server allows, as far as is known. */
	readonly limit: number;
	/** How many are in use by commands that do not stay. */
	readonly short: number;
}

/** How long after a refusal one more is tried, for those who wait. */
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
 * Makes a counter that uses this many places at most.
 * @param known what the server allowed on the connection before; tried anew like every limit that it has shown
 */
export const createSessions = (most: number, known = Number.POSITIVE_INFINITY): Sessions => {
	/**
	 * What the server allows, as far as it has refused one. It may refuse for a moment only, while it has not yet noticed the end of
	 * commands that we know to have ended: so one more is tried again and again, as long as somebody waits.
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
		// With none of ours open one is tried: what is known of the server may be out of date.
		if (active === 0) {
			return true;
		}
		const limit = Math.min(most, allowed);
		// The one for short commands: what was given up, and has not ended, has none of the places that are left either.
		const kept = long && limit > 1 ? 1 : 0;
		return active < limit && active + held + kept < allowed && (!long || activeLong + kept < limit);
	};
	const probeLater = () => {
		// Only where it is the server's limit that they wait for, and not ours.
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
			// The one refused is counted as well.
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
