import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The variable that every process of a demo host carries: the demo's folder. */
export const markName = 'BACKOUT_DEMO_HOST';

const kill = (pid: number) => {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It has ended meanwhile.
	}
};

const marked = (folder: string): readonly number[] => {
	const mark = `${markName}=${folder}\0`;
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
		.filter((name) => {
			try {
				return readFileSync(join('/proc', name, 'environ'), 'latin1').includes(mark);
			} catch {
				return false;
			}
		})
		.map(Number);
};

/**
 * Ends what still runs on the demo host: a run that was left behind, a log that was followed. By the mark in their
 * environment where there is a /proc; else the sessions that the host's `setsid` has noted.
 */
export const endSessions = (folder: string): void => {
	if (process.platform === 'linux') {
		for (const pid of marked(folder)) {
			kill(pid);
		}
		return;
	}
	for (const name of readdirSync(join(folder, 'sessions'))) {
		kill(-Number(name));
	}
};
