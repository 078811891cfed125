import absentFolder from './absent-folder.sh';
import createScript from './create-state.sh';
import homeOf from './home-of.sh';
import locateScript from './locate-state.sh';

/** The settings that determine the folder for a deployment's runs: its directory, or the config. */
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
 * POSIX sh: `refuse MESSAGE NEXT` ends the program; the caller turns it into a BackoutError `refused`. `locate_state` sets `state` to the
 * deployment's state folder, or to nothing when it has none yet; it creates nothing.
 *
 * All users have to find the same folder, so it depends only on the directory's real path and on what exists: the config's folder,
 * /var/lib/backout/SLUG, then .backout-NAME beside the directory (never in it, where `git clean` and deployments would delete it), then
 * .local/state/backout/SLUG in the home of the directory's owner. The last place is the current user's home: others do not find that one,
 * but the directory's own lock still keeps their runs apart. The slug ends with the path's CRC, as a-b/c and a/b-c would be the same
 * otherwise.
 */
export const locateState: string = [absentFolder, homeOf, locateScript].join('\n');

/**
 * POSIX sh: `create_state` creates the folder if there is none: owner and group of the deployment's directory if that is allowed, mode
 * 0700, or 2770 when the directory's group may write to it.
 */
export const createState: string = createScript;
