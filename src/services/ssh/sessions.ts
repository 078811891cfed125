import { createYieldingUses, type YieldingUse } from './yielding-uses.ts';

interface Waiter {
	readonly long: boolean;
	readonly grant: () => void;
}

/** The right to use one session of a connection. */
export interface SessionPermit {
	/** Must be called when the server has freed the session. */
	release(): void;
	/** Must be called when the session is no longer needed; the server keeps it until its command has ended. */
	giveUp(): void;
	/** Marks the session as one that may be closed while others wait: its user opens another when needed. */
	mayYield(use: YieldingUse): void;
}

/**
 * Counts the sessions of a connection: sshd allows ten by default (MaxSessions). Callers are served in order; one session is reserved for
 * short commands, so that they always run. A session that was given up and does not end counts against the server's limit, and not against
 * ours.
 */
export interface Sessions {
	/** Waits for a session; `long` is for a command that stays. Rejects with the signal's reason. Must be released exactly once. */
	acquire(long: boolean, signal: AbortSignal | undefined): Promise<SessionPermit>;
	/** Records that the server refused a session: it allows as many as are open now. Returns false if none of ours is open. */
	refused(): boolean;
	/** True once a session was used. */
	readonly used: boolean;
	/** The number that the server allows, as far as it is known. */
	readonly limit: number;
	/** Number of sessions that short commands use. */
	readonly short: number;
}

/** Time after a refusal until one more session is tried, while callers wait, ms. */
const probeMs = 1000;

/** Joins a queue; resolves when the caller's turn has come. When the signal is aborted, leaves the queue and rejects with its reason. */
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
 * Creates a counter of at most `most` sessions.
 *
 * @param known the limit on the last connection; tested again like every limit
 */
export const createSessions = (most: number, known = Number.POSITIVE_INFINITY): Sessions => {
	/**
	 * Limit of the server, as its refusals show it. A refusal may be temporary, while the server has not yet noticed the end of commands
	 * that we know to have ended: so one more session is tried from time to time while callers wait.
	 */
	let allowed = known;
	let probe: ReturnType<typeof setTimeout> | undefined;
	let active = 0;
	let activeLong = 0;
	/** Number of sessions that were given up and have not ended yet. */
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
		// While none of ours is open, one is tried: the known limit may be out of date.
		if (active === 0) {
			return true;
		}
		const limit = Math.min(most, allowed);
		// The session that is reserved for short commands stays free even while a session that was given up has not ended.
		const kept = long && limit > 1 ? 1 : 0;
		return active < limit && active + held + kept < allowed && (!long || activeLong + kept < limit);
	};
	const probeLater = () => {
		// Only if callers wait because of the server's limit, not because of ours.
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
			// The refused session is counted too.
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
