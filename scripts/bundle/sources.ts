import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const filesIn = (folder: string): string[] =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));

/** Returns the time of the newest change in a folder, ms since the epoch. */
export const newestIn = (folder: string): number =>
	filesIn(folder).reduce((time, file) => Math.max(time, statSync(file).mtimeMs), 0);

/** Returns a short hash of a folder's files and their paths relative to `root`: the same for the same sources. */
export const hashOf = (folder: string, root: string): string => {
	const hash = createHash('sha256');
	for (const file of filesIn(folder).sort()) {
		hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file));
	}
	return hash.digest('hex').slice(0, 16);
};
