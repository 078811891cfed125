/** From here on a login's startup files are slow enough to be named, ms. */
const slowMs = 2000;

/** So many commands must have been slow before that is said of the login. */
const enough = 3;

/** How much longer a command may take at most while nothing is known of the login, ms. */
const patienceMs = 15_000;

/** How long a login takes on a connection before it runs a command: what its startup files do, above all. */
export interface LoginTime {
	/** Notes how long it took until a command said something or ended. The shortest counts: a command may have thought, too. */
	note(ms: number): void;
	/** The shortest, where that is long enough to be named, ms. */
	readonly slowMs: number | undefined;
	/** How much longer a command may take that was given so long, ms: the login's time is not its own. */
	extraFor(timeoutMs: number): number;
}

/** @param onSlow called when it is known to be slow, and whenever it turns out to be less so */
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
