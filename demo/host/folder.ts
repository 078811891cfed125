import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Short: a unix socket's path has at most 104 bytes on macOS (sys/un.h), and its temporary folder is long already.
const prefix = 'bo-demo-';
/** A folder without a note of its owner may still be being created, ms. */
const youngMs = 60_000;

const isAlive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
};

/** Creates the folder of a demo, for its owner only, with a note of its process. */
export const makeFolder = (parent: string = tmpdir()): string => {
	const folder = realpathSync(mkdtempSync(join(parent, prefix)));
	writeFileSync(join(folder, 'pid'), `${process.pid}\n`);
	return folder;
};

/** Notes one more process that keeps the folder. */
export const keepFolder = (folder: string, pid: number): void => {
	writeFileSync(join(folder, 'pid'), `${pid}\n`, { flag: 'a' });
};

/** Removes the folders of demos whose processes are all gone. Never another user's. */
export const removeStale = (parent: string = tmpdir()): readonly string[] => {
	const removed: string[] = [];
	for (const name of readdirSync(parent).filter((entry) => entry.startsWith(prefix))) {
		const folder = join(parent, name);
		try {
			const { uid, mtimeMs } = statSync(folder);
			if (process.getuid !== undefined && uid !== process.getuid()) {
				continue;
			}
			let pids: readonly number[] = [];
			try {
				pids = readFileSync(join(folder, 'pid'), 'utf8').split('\n').filter(Boolean).map(Number);
			} catch {
				if (Date.now() - mtimeMs < youngMs) {
					continue;
				}
			}
			if (!pids.some(isAlive)) {
				removeFolder(folder);
				removed.push(folder);
			}
		} catch {
			// Another process has just removed it.
		}
	}
	return removed;
};

/** Removes a demo's folder, after waiting for writes into it. */
export const removeFolder = (folder: string): void => {
	rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
};
