import absentFolder from './absent-folder.sh';
import createScript from './create-state.sh';
import locateScript from './locate-state.sh';

/** Finds the folder for the runs of a deployment, from its directory or from the config. */
export interface StateOptions {
	/** The deployment's directory on the host, absolute. */
	readonly directory: string;
	/** `target.state` of the config: the folder itself, absolute. */
	readonly state?: string;
}

/** The variables that `locateState` and `createState` read. */
export const stateValues = (options: StateOptions): Record<string, string> => ({
	directory: options.directory,
	configured: options.state ?? '',
});

/**
 * POSIX sh: `refuse MESSAGE NEXT` ends the program; the caller makes a BackoutError `refused` of it. `locate_state`
 * sets `state` to the deployment's state folder, or to nothing when it has none yet; it creates nothing.
 *
 * All users have to find the same folder, so it depends only on the directory's real path and on what exists:
 * what the config says, /var/lib/backout/SLUG, then .backout-NAME beside the directory (never in it, where
 * `git clean` and deployments come by), then .local/state/backout/SLUG in the home of the directory's owner. The last place is the
 * home of the user who looks: others do not find that one, but the directory's own lock still keeps their runs apart.
 * The slug ends in the path's CRC, for a-b/c and a/b-c would be one otherwise.
 */
export const locateState: string = `${absentFolder}\n${locateScript}`;

/**
 * POSIX sh: `create_state` makes the folder when there is none: owner and group of the deployment's directory where
 * that is allowed, mode 0700, or 2770 when the directory can be written by its group.
 */
export const createState: string = createScript;
