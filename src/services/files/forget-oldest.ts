import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Leaves so many files in a folder of the cache, those written last. What is being written, with a dot before its name, stays. Does
 * so once there are half as many more: looking at them all is not for each file that comes.
 */
export const forgetOldest = async (folder: string, most: number): Promise<void> => {
	const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
	if (names.length > 1.5 * most) {
		const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
		const old = aged.toSorted((a, b) => b.at - a.at).slice(most);
		await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
	}
};
