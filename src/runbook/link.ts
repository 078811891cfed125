/** The state of the one connection to a target. */
export interface LinkState {
	readonly status: 'connecting' | 'up' | 'silent' | 'reconnecting' | 'refused' | 'closed';
	/** Start of this status, ms since the epoch. */
	readonly since: number;
	/** Name of the host, where the target has several. */
	readonly host?: string;
	/** Reason why this host is asked and not an earlier one of the target: `instead of m1 (connection refused)`. */
	readonly instead?: string;
	/** Last measured round trip, ms. */
	readonly rttMs?: number;
	/** The program that made the last connection, and the reason if it is not the usual one: `OpenSSH, because of a ProxyCommand`. */
	readonly transport?: string;
	/** How long its startup files keep a login from running a command, ms; only where that is slow. */
	readonly loginMs?: number;
	/** Time of the last byte from the host, ms since the epoch. */
	readonly heardAt?: number;
	/** The reason why it is not up. */
	readonly reason?: string;
	/** What the operator can do about it, as a sentence. */
	readonly next?: string;
	/** While reconnecting: the number of the attempt, and the time of the next one (ms since the epoch). */
	readonly attempt?: number;
	readonly retryAt?: number;
}
