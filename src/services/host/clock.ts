/**
 * The difference between the host's clock and this machine's. Learned from the `Date` header of responses: it has whole seconds (RFC
 * 9110, 5.6.7), so each response narrows the difference to about a second, and many responses to a few milliseconds.
 */
export interface HostClock {
	/** Adds one response: its Date header, and the times of request and response, ms by this machine's clock. */
	note(date: string | undefined, askedAt: number, cameAt: number): void;
	/** True once a response with a date has arrived. */
	known(): boolean;
	/**
	 * Converts a time of the host into this machine's time, ms since the epoch. Of the possible values it returns the latest, so that a
	 * "since" is never too early. Before any response both clocks are assumed to agree.
	 */
	toLocal(hostMs: number): number;
	/** Returns the earliest possible time on the host now, ms since the epoch. */
	now(): number;
}

export const createHostClock = (localNow: () => number = Date.now): HostClock => {
	// offset = host - local lies between the two.
	let low = Number.NEGATIVE_INFINITY;
	let high = Number.POSITIVE_INFINITY;
	const offset = () => (low === Number.NEGATIVE_INFINITY ? 0 : low);
	return {
		note: (date, askedAt, cameAt) => {
			const host = date === undefined ? Number.NaN : Date.parse(date);
			if (Number.isNaN(host)) {
				return;
			}
			const [from, to] = [host - cameAt, host + 1000 - askedAt];
			// No overlap: one of the clocks was set, so the earlier values are void.
			const jumped = from > high || to < low;
			low = jumped ? from : Math.max(low, from);
			high = jumped ? to : Math.min(high, to);
		},
		known: () => low !== Number.NEGATIVE_INFINITY,
		toLocal: (hostMs) => hostMs - offset(),
		now: () => localNow() + offset(),
	};
};
