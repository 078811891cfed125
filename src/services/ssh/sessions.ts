interface Waiter {
	readonly long: boolean;
	readonly grant: () => void;
}

/**
 * Counts the session channels of a connection: sshd allows ten by default (MaxSessions), and shares them with nobody who
 * asks too much. First come, first served; one place is kept from long-lived commands, so that short ones always run.
 */
export interface Sessions {
	/** Waits for a place; `long` for a command that stays. Rejects with the signal's reason. Release exactly once. */
	acquire(long: boolean, signal: AbortSignal | undefined): Promise<() => void>;
	/** Says that the server refused one more: the limit becomes what is open now. False when nothing else is open. */
	refused(): boolean;
	readonly limit: number;
}

/** Makes a counter that starts with this many places. */
export const createSessions = (initial: number): Sessions => {
	let limit = initial;
	let active = 0;
	let activeLong = 0;
	const queue: Waiter[] = [];

	const fits = (long: boolean) => active < limit && (!long || limit < 2 || activeLong < limit - 1);
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

	return {
		get limit() {
			return limit;
		},
		refused: () => {
			// The one refused is counted as well.
			if (active <= 1) {
				return false;
			}
			limit = Math.max(1, Math.min(limit, active - 1));
			return true;
		},
		acquire: (long, signal) =>
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
						active++;
						activeLong += long ? 1 : 0;
						let released = false;
						resolve(() => {
							if (!released) {
								released = true;
								active--;
								activeLong -= long ? 1 : 0;
								pump();
							}
						});
					},
				};
				signal?.addEventListener('abort', abort, { once: true });
				queue.push(waiter);
				pump();
			}),
	};
};
