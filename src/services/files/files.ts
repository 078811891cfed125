import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import { kindOfFile, loadConfig } from '../../runbook/load/load-config.ts';
import { loadRunbook } from '../../runbook/load/load-runbook.ts';
import type { Config } from '../../runbook/runbook.ts';
import { expandPath, homeOf, readText, runbookReader, shownPath } from './read.ts';

/** Where a command was started. `config` is what `--config` said. */
export interface Surroundings {
	readonly config?: string;
	readonly cwd: string;
	readonly env: NodeJS.ProcessEnv;
}

const fileName = 'backout.yaml';

/** The user's config folder: XDG_CONFIG_HOME, which must be absolute to count (XDG Base Directory Specification), or ~/.config. */
const configFolder = (env: NodeJS.ProcessEnv): string => {
	const folder = env.XDG_CONFIG_HOME;
	return folder !== undefined && isAbsolute(folder) ? folder : join(homeOf(env), '.config');
};

/**
 * The absolute path of the config: `--config`, `backout.yaml` in the working directory, then in the folder `backout` of
 * the user's config folder. Throws a BackoutError (code `config`) that says where it looked.
 */
export const findConfig = ({ config, cwd, env }: Surroundings): string => {
	if (config !== undefined) {
		const path = expandPath(config, cwd, env);
		if (!existsSync(path)) {
			throw new BackoutError('config', `there is no config at ${path}`, {
				next: 'Check the path given with --config.',
			});
		}
		return path;
	}
	const places = [join(cwd, fileName), join(configFolder(env), 'backout', fileName)];
	const found = places.find((place) => existsSync(place));
	if (found === undefined) {
		throw new BackoutError('config', `no config was found; looked for ${places.join(' and ')}`, {
			next: 'Write one with `backout init`, name one with --config, or look around with `backout demo`.',
		});
	}
	return found;
};

const load = (path: string, text: string, cwd: string, env: NodeJS.ProcessEnv): Config => ({
	...loadConfig(text, shownPath(path, cwd), {
		readRunbook: runbookReader({ cwd, env }),
		localPath: (local) => expandPath(local, dirname(path), env),
	}),
	file: path,
});

/**
 * Finds, reads and loads the config with the runbooks of its targets; `file` of the result is absolute.
 * Throws a BackoutError or a ConfigError, both of code `config`.
 */
export const openConfig = (surroundings: Surroundings): Config => {
	const path = findConfig(surroundings);
	return load(path, readText(path), surroundings.cwd, surroundings.env);
};

/** What `backout check` says of a file without mistakes. */
export interface CheckedFile {
	/** As shown: relative to the working directory when below it. */
	readonly file: string;
	readonly kind: 'config' | 'runbook';
	/** Counts, in words. */
	readonly summary: string;
	/** One for each target of a config; one for a runbook. */
	readonly runbooks: readonly {
		readonly target?: string;
		readonly title: string;
		readonly procedures: number;
		readonly checks: number;
	}[];
}

const count = (amount: number, word: string): string => `${amount} ${word}${amount === 1 ? '' : 's'}`;

/**
 * Checks a config (with all its runbooks) or a runbook; which it is, its keys tell.
 * Throws a ConfigError with every problem, or a BackoutError when the file cannot be read.
 */
export const checkFile = (
	file: string,
	{ cwd, env }: Omit<Surroundings, 'config'> = { cwd: process.cwd(), env: process.env },
): CheckedFile => {
	const path = resolve(cwd, file);
	const shown = shownPath(path, cwd);
	const text = readText(path);
	if (kindOfFile(text, shown) === 'runbook') {
		const runbook = loadRunbook(text, shown, { readRunbook: runbookReader({ cwd, env }) });
		const counts = { title: runbook.title, procedures: runbook.procedures.length, checks: runbook.checks.length };
		const summary = `${counts.title}, ${count(counts.procedures, 'procedure')}, ${count(counts.checks, 'check')}`;
		return { file: shown, kind: 'runbook', summary, runbooks: [counts] };
	}
	const { targets } = load(path, text, cwd, env);
	const runbooks = targets.map(({ name, runbook }) => ({
		target: name,
		title: runbook.title,
		procedures: runbook.procedures.length,
		checks: runbook.checks.length,
	}));
	const each = runbooks.map(
		({ target, title, procedures, checks }) =>
			`${target} (${title}, ${count(procedures, 'procedure')}, ${count(checks, 'check')})`,
	);
	return { file: shown, kind: 'config', summary: `${count(targets.length, 'target')}: ${each.join(', ')}`, runbooks };
};
