/** Time from which a login's startup files are slow enough to be named, ms. */
const slowMs = 2000;

/** Number of slow commands after which the login is called slow. */
const enough = 3;

/** The most that is added to a command's time limit while nothing is known of the login, ms. */
const patienceMs = 15_000;

/** Measures the time that a login takes on a connection before it runs a command, mostly in its startup files. */
export interface LoginTime {
	/** Notes the time until a command printed something or ended, ms. The shortest counts: a command may need time of its own. */
	note(ms: number): void;
	/** The shortest time, ms; undefined while it is not long enough to be named. */
	readonly slowMs: number | undefined;
	/** Returns the time to add to a command's time limit, ms: the login's time is not the command's. */
	extraFor(timeoutMs: number): number;
}

/** @param onSlow called when the login is known to be slow, and whenever it turns out to be less slow */
export const createLoginTime = (onSlow: (ms: number | undefined) => void = () => {}): LoginTime => {
	let least: number | undefined;
	let noted = 0;
	const slow = () => (least !== undefined && noted >= enough && least >= slowMs ? least : undefined);
	return {
		note: (ms) => {
			const before = slow();
			noted++;
			least = Math.min(ms, least ?? ms);
			if (slow() !== before) {
				onSlow(slow());
			}
		},
		get slowMs() {
			return slow();
		},
		extraFor: (timeoutMs) =>
			least === undefined ? Math.min(patienceMs, timeoutMs) : least < slowMs ? 0 : Math.round(1.5 * least),
	};
};
