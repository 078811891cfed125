/**
 * How far the host's clock is from this machine's. Learned from the `Date` header of answers: it has whole seconds
 * (RFC 9110, 5.6.7), so each answer narrows the offset to about a second, and many answers to a few milliseconds.
 */
export interface HostClock {
	/** Notes one answer: its Date header, and when it was asked and when it came, ms by this machine's clock. */
	note(date: string | undefined, askedAt: number, cameAt: number): void;
	/** True once an answer with a date has come. */
	known(): boolean;
	/**
	 * Turns a time of the host into this machine's, ms since the epoch. Of the possible values it gives the latest, so
	 * that "since when" is never claimed earlier than it was. Before any answer both clocks are taken to agree.
	 */
	toLocal(hostMs: number): number;
	/** The host's time now, at the earliest, ms since the epoch. */
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
			// No overlap: one of the clocks was set, what was learned before is void.
			const jumped = from > high || to < low;
			low = jumped ? from : Math.max(low, from);
			high = jumped ? to : Math.min(high, to);
		},
		known: () => low !== Number.NEGATIVE_INFINITY,
		toLocal: (hostMs) => hostMs - offset(),
		now: () => localNow() + offset(),
	};
};
