import { isAbsolute, join } from 'node:path';
import { homeOf } from './read.ts';

/** Returns our own folder of that name under `XDG_CACHE_HOME`, which must be absolute (XDG Base Directory Specification), or ~/.cache. */
export const cacheFolder = (env: NodeJS.ProcessEnv, name: string): string => {
	const given = env.XDG_CACHE_HOME;
	const cache = given !== undefined && isAbsolute(given) ? given : join(homeOf(env), '.cache');
	return join(cache, 'backout', name);
};
