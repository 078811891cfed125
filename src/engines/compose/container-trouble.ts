/** The fields of `docker inspect` that say how a container runs. */
interface Inspected {
	readonly State?: {
		readonly Status?: unknown;
		readonly ExitCode?: unknown;
		readonly StartedAt?: unknown;
		readonly Health?: { readonly Status?: unknown } | null;
	} | null;
	readonly RestartCount?: unknown;
}

/** A container that was restarted and has been up for less than this counts as crashing, ms. */
const crashingMs = 60_000;

/**
 * Says why a container was not well when it was inspected, in words that fit after its name: `was restarting`. Undefined if nothing
 * says so: one that exited with 0, or was stopped, may have done its work.
 *
 * @param at time of the inspection, ms since the epoch by the host's clock
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
		case 'paused':
			return 'was paused';
		case 'dead':
			return 'was dead';
		default:
			return undefined;
	}
};
