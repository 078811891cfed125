import { relative } from 'node:path';
import { plainProject } from './files.ts';
import type { Site } from './site.ts';

/** Puts the paths of a deployment's files into the folder of the repository where the deployment is. */
export const inDirectory = (site: Site, files: Readonly<Record<string, string>>): Record<string, string> => {
	const within = relative(site.top, site.directory);
	return Object.fromEntries(
		Object.entries(files).map(([path, text]) => [within === '' ? path : `${within}/${path}`, text]),
	);
};

/**
 * Commits version 1 and then version 2 of the plain project, and gives the hash of the first; nothing is deployed.
 * @param more files of a version besides those, or in their place
 */
export const twoVersions = async (
	site: Site,
	more: (version: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<string> => {
	const first = await site.commit('version 1', inDirectory(site, { ...plainProject('1'), ...more('1') }));
	await site.commit('version 2', inDirectory(site, { ...plainProject('2'), ...more('2') }));
	return first;
};
