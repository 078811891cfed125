/** The part of `docker inspect` that says how a container runs, as far as it is read. */
interface Inspected {
	readonly State?: {
		readonly Status?: unknown;
		readonly ExitCode?: unknown;
		readonly StartedAt?: unknown;
		readonly Health?: { readonly Status?: unknown } | null;
	} | null;
	readonly RestartCount?: unknown;
}

/** One that was restarted, and has been up for less than this, is taken to crash again and again, ms. */
const crashingMs = 60_000;

/**
 * Why a container was not well when it was inspected, in words that fit after its name: `was restarting`. Undefined where
 * nothing says so: one that ended with 0, or that somebody stopped, may have done its work.
 *
 * @param at when it was inspected, ms since the epoch, by the host's clock
 */
export const containerTrouble = (inspected: unknown, at: number): string | undefined => {
	const { State: state, RestartCount: restarts } = (inspected ?? {}) as Inspected;
	const code = Number(state?.ExitCode ?? 0);
	switch (state?.Status) {
		case 'restarting':
			return `was restarting, exit code ${code}`;
		case 'running':
			if (state.Health?.Status === 'unhealthy') {
				return 'was unhealthy';
			}
			return Number(restarts) > 0 && at - Date.parse(String(state.StartedAt)) < crashingMs
				? `crashed, restarted ${Number(restarts)} times`
				: undefined;
		case 'exited':
			return code === 0 ? undefined : `had ended with exit code ${code}`;
		case 'dead':
			return 'was dead';
		default:
			return undefined;
	}
};
