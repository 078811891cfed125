/** Limits the rate of new connections. */
export interface ConnectionLimiter {
	/**
	 * Waits for a slot; an `urgent` caller does not wait. Resolves to a function that frees the slot; it frees itself after a while, so
	 * that a host that does not respond delays no other. Rejects with the signal's reason.
	 */
	take(signal: AbortSignal, urgent: () => boolean): Promise<() => void>;
	/** Must be called when another caller may have become urgent. */
	hurry(): void;
}

interface Waiter {
	readonly urgent: () => boolean;
	readonly grant: () => void;
}

/** Creates a limiter of at most `most` slots at once, in order of request; each is used for at most `holdMs`. */
export const createConnectionLimiter = (most = 8, holdMs = 1000): ConnectionLimiter => {
	let taken = 0;
	let waiting: readonly Waiter[] = [];
	const pump = () => {
		for (const waiter of waiting.toSorted((a, b) => Number(b.urgent()) - Number(a.urgent()))) {
			if (taken >= most && !waiter.urgent()) {
				return;
			}
			waiter.grant();
		}
	};
	return {
		hurry: pump,
		take: (signal, urgent) =>
			new Promise((resolve, reject) => {
				if (signal.aborted) {
					reject(signal.reason);
					return;
				}
				const leave = () => {
					waiting = waiting.filter((one) => one !== waiter);
					reject(signal.reason);
				};
				const waiter: Waiter = {
					urgent,
					grant: () => {
						signal.removeEventListener('abort', leave);
						waiting = waiting.filter((one) => one !== waiter);
						taken++;
						let over = false;
						const end = () => {
							clearTimeout(timer);
							if (!over) {
								over = true;
								taken--;
								pump();
							}
						};
						const timer = setTimeout(end, holdMs);
						timer.unref();
						resolve(end);
					},
				};
				signal.addEventListener('abort', leave, { once: true });
				waiting = [...waiting, waiter];
				pump();
			}),
	};
};
