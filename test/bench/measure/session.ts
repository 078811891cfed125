import { openSession, type Session } from '../../../src/application/fleet/session.ts';
import { openConfig } from '../../../src/services/files/files.ts';
import type { BenchHost, Way } from '../host/open.ts';

/** A connection of this program's own, for what has no face of its own to be measured by. The link is up then. */
export const connect = async (way: Way, host: BenchHost): Promise<Session> => {
	const [target] = openConfig({ config: way.config, cwd: host.folder, env: process.env }).targets;
	if (target === undefined) {
		throw new Error(`there is no target in ${way.config}`);
	}
	const session = openSession(target);
	await session.host.ready();
	return session;
};
