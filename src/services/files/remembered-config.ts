import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../runbook/runbook.ts';
import { cacheFolder } from './cache-folder.ts';
import { findConfig, type Surroundings } from './find-config.ts';
import { forgetOldest } from './forget-oldest.ts';
import { makePrivateFolder, readOurs, rememberInFile } from './private-file.ts';
import { homeOf } from './read.ts';
import { shortName } from './short-name.ts';

/** Maximum number of cached configs; each demo has one of its own. */
const most = 20;

interface Remembered {
	/** The build that wrote it: another one may read the same files differently. */
	readonly build: string;
	/** Its key: the path of the config, the folder for relative paths, and the home folder. */
	readonly of: string;
	/** Its source: texts by absolute path. */
	readonly files: Readonly<Record<string, string>>;
	readonly config: Config;
}

const folderOf = (env: NodeJS.ProcessEnv): string => cacheFolder(env, 'configs');

const subject = (path: string, { cwd, env }: Surroundings): string => JSON.stringify([path, cwd, homeOf(env)]);

const fileOf = (of: string, { env }: Surroundings): string => join(folderOf(env), `${shortName(of)}.json`);

const unchanged = (files: Remembered['files']): boolean =>
	Object.entries(files).every(([path, was]) => {
		try {
			return readFileSync(path, 'utf8') === was;
		} catch {
			return false;
		}
	});

/**
 * Returns the cached config, if every file that it was made from is unchanged; otherwise undefined. It saves a start the reading and
 * checking of YAML. Throws what `findConfig` throws.
 */
export const rememberedConfig = (surroundings: Surroundings, build: string): Config | undefined => {
	const about = subject(findConfig(surroundings), surroundings);
	const text = readOurs(fileOf(about, surroundings));
	try {
		const { build: by, of, files, config } = JSON.parse(text ?? '{}') as Partial<Remembered>;
		return by === build && of === about && files !== undefined && unchanged(files) ? config : undefined;
	} catch {
		return undefined;
	}
};

/** Caches a config for the next start. Never rejects: a start without it is only slower. */
export const rememberConfig = async (
	{ config, files }: { readonly config: Config; readonly files: ReadonlyMap<string, string> },
	surroundings: Surroundings,
	build: string,
): Promise<void> => {
	const remembered: Remembered = {
		build,
		of: subject(config.file, surroundings),
		files: Object.fromEntries(files),
		config,
	};
	try {
		const folder = folderOf(surroundings.env);
		await makePrivateFolder(folder);
		await rememberInFile(fileOf(remembered.of, surroundings), JSON.stringify(remembered));
		await forgetOldest(folder, most);
	} catch {
		// The folder is not writable, or the disk is full.
	}
};
