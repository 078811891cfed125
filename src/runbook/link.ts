/** The state of the one connection to a target. */
export interface LinkState {
	readonly status: 'connecting' | 'up' | 'silent' | 'reconnecting' | 'refused' | 'closed';
	/** When this status began, ms since the epoch. */
	readonly since: number;
	/** Last measured round trip, ms. */
	readonly rttMs?: number;
	/** Which program made the last connection, and why where that is not the usual one: `OpenSSH, because of a ProxyCommand`. */
	readonly transport?: string;
	/** When the last byte came from the host, ms since the epoch. */
	readonly heardAt?: number;
	/** Why it is not up. */
	readonly reason?: string;
	/** What the operator can do about it. */
	readonly next?: string;
	/** Reconnecting: which attempt, and when the next is made (ms since the epoch). */
	readonly attempt?: number;
	readonly retryAt?: number;
}
