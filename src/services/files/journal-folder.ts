import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Masked } from '../../runbook/masked.ts';
import type { RunLimits } from '../../runbook/runbook.ts';
import { appendPrivate, makePrivateFolder } from './private-file.ts';
import { homeOf } from './read.ts';

/** The deployment that a copy belongs to. */
export interface CopyOf {
	/** The host, as in the config. */
	readonly host: string;
	readonly directory: string;
}

/** Returns `XDG_STATE_HOME`, which must be absolute (XDG Base Directory Specification), or ~/.local/state. */
const stateHome = (env: NodeJS.ProcessEnv): string => {
	const folder = env.XDG_STATE_HOME;
	return folder !== undefined && isAbsolute(folder) ? folder : join(homeOf(env), '.local', 'state');
};

const ending = '.ndjson';

/** Returns the folder with the copies of a deployment's runs on this machine: named to be recognised, with a digest to be unique. */
export const journalFolder = (
	{ host, directory }: CopyOf,
	env: NodeJS.ProcessEnv,
): readonly [string, string, string] => {
	const slug = `${host}-${directory}`.replaceAll(/[^A-Za-z0-9.]+/g, '-').slice(0, 80);
	const digest = createHash('sha256').update(`${host}\0${directory}`).digest('hex').slice(0, 12);
	const top = join(stateHome(env), 'backout');
	const journal = join(top, 'journal');
	return [top, journal, join(journal, `${slug}-${digest}`)];
};

/** Appends lines to the copy of a run; folders are 0700, files 0600. Throws what node:fs throws. */
export const appendToCopy = async (
	of: CopyOf,
	id: string,
	lines: Masked<string>,
	env: NodeJS.ProcessEnv,
): Promise<void> => {
	const folders = journalFolder(of, env);
	for (const folder of folders) {
		await makePrivateFolder(folder);
	}
	await appendPrivate(join(folders[2], `${id}${ending}`), lines);
};

/** Returns the copy of a run; empty when there is none or it cannot be read. */
export const readCopyText = (of: CopyOf, id: string, env: NodeJS.ProcessEnv): Promise<string> =>
	readFile(join(journalFolder(of, env)[2], `${id}${ending}`), 'utf8').catch(() => '');

/** Returns the ids of the runs with a copy, newest first. */
export const copiedRuns = async (of: CopyOf, env: NodeJS.ProcessEnv): Promise<readonly string[]> => {
	const names = await readdir(journalFolder(of, env)[2]).catch((): string[] => []);
	return names
		.filter((name) => name.endsWith(ending))
		.map((name) => name.slice(0, -ending.length))
		.sort()
		.reverse();
};

/** Number of the newest copies that are never deleted, however old, as on the host. */
const newestKept = 10;

/** Deletes the copies of a deployment's runs that are too old, and the oldest while all of them take too much space. Never fails. */
export const pruneCopies = async (
	of: CopyOf,
	{ keepMs, keepBytes }: Pick<RunLimits, 'keepMs' | 'keepBytes'>,
	env: NodeJS.ProcessEnv,
): Promise<void> => {
	const folder = journalFolder(of, env)[2];
	const ids = await copiedRuns(of, env);
	let total = 0;
	for (const [at, id] of ids.entries()) {
		const file = join(folder, `${id}${ending}`);
		const { size, mtimeMs } = await stat(file).catch(() => ({ size: 0, mtimeMs: Number.NaN }));
		total += size;
		if (at >= newestKept && (Date.now() - mtimeMs > keepMs || total > keepBytes)) {
			total -= size;
			await rm(file, { force: true }).catch(() => {});
		}
	}
};
