import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Deletes the oldest files of a cache folder, down to `most`. Files being written, whose names begin with a dot, stay. It acts only once
 * there are half as many more, so as not to read the folder for each new file.
 */
export const forgetOldest = async (folder: string, most: number): Promise<void> => {
	const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
	if (names.length > 1.5 * most) {
		const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
		const old = aged.toSorted((a, b) => b.at - a.at).slice(most);
		await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
	}
};
