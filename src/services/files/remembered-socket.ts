import { join } from 'node:path';
import type { SocketMemory } from '../../engine/socket-memory.ts';
import { cacheFolder } from './cache-folder.ts';
import { forgetOldest } from './forget-oldest.ts';
import { makePrivateFolder, readOurs, rememberInFile } from './private-file.ts';
import { shortName } from './short-name.ts';

/** Maximum number of cached hosts; each demo is one of its own. */
const most = 200;

/**
 * Caches where Docker's socket was last found on a host, for the next start: it is tried while the host is asked where it is now. Without a
 * cache, a start is only slower.
 */
export const rememberedSocket = (host: string, env: NodeJS.ProcessEnv): SocketMemory => {
	const folder = cacheFolder(env, 'sockets');
	const file = join(folder, shortName(host));
	let known: string | undefined;
	return {
		path: () => {
			const [of, path] = known === undefined ? (readOurs(file)?.split('\n') ?? []) : [];
			if (of === host) {
				known = path;
			}
			return known;
		},
		found: (path) => {
			if (path === known) {
				return;
			}
			known = path;
			makePrivateFolder(folder)
				.then(() => rememberInFile(file, `${host}\n${path}`))
				.then(() => forgetOldest(folder, most))
				.catch(() => {});
		},
	};
};
