import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import { expandPath, homeOf } from './read.ts';

/** The working directory and environment of a command. `config` is the value of `--config`. */
export interface Surroundings {
	readonly config?: string;
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
}

const fileName = 'backout.yaml';

/** Returns the user's config folder: XDG_CONFIG_HOME, which must be absolute (XDG Base Directory Specification), or ~/.config. */
const configFolder = (env: NodeJS.ProcessEnv): string => {
	const folder = env.XDG_CONFIG_HOME;
	return folder !== undefined && isAbsolute(folder) ? folder : join(homeOf(env), '.config');
};

/**
 * Returns the absolute path of the config: `--config`, `backout.yaml` in the working directory, then in the folder `backout` of the user's
 * config folder. Throws a BackoutError (code `config`) that lists the places it searched.
 */
export const findConfig = ({ config, cwd, env }: Surroundings): string => {
	if (config !== undefined) {
		const path = expandPath(config, cwd, env);
		if (!existsSync(path)) {
			throw new BackoutError('config', `there is no config at ${path}`, {
				next: 'Check the path given with --config.',
			});
		}
		return path;
	}
	const places = [join(cwd, fileName), join(configFolder(env), 'backout', fileName)];
	const found = places.find((place) => existsSync(place));
	if (found === undefined) {
		throw new BackoutError('config', `no config was found; looked for ${places.join(' and ')}`, {
			next: 'Write one with `backout init`, name one with --config, or try `backout demo`.',
		});
	}
	return found;
};
