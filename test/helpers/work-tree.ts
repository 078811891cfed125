import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Runs git in a folder, as a person of its own, and gives what it printed; throws where it fails. */
export const gitIn = (folder: string, ...words: string[]): string =>
	execFileSync(
		'git',
		['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'protocol.file.allow=always', ...words],
		{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
	).trim();

/** Writes a file below a folder, and the folders that it is in. */
export const writeIn = (folder: string, path: string, text: string): void => {
	mkdirSync(dirname(join(folder, path)), { recursive: true });
	writeFileSync(join(folder, path), text);
};

/** Commits what a work tree has, and gives the commit's hash. */
export const commitIn = (folder: string, message: string): string => {
	gitIn(folder, 'add', '-A');
	gitIn(folder, 'commit', '-q', '-m', message);
	return gitIn(folder, 'rev-parse', 'HEAD');
};
