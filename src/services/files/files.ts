import { dirname, resolve } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import type { Config } from '../../runbook/runbook.ts';
import { kindOfFile, loadConfig } from '../runbook-file/load-config.ts';
import { loadRunbook } from '../runbook-file/load-runbook.ts';
import { findConfig, type Surroundings } from './find-config.ts';
import { expandPath, readText, runbookReader, shownPath } from './read.ts';

/** @param readRunbook replaces the reader of files */
const load = (
	path: string,
	text: string,
	cwd: string,
	env: NodeJS.ProcessEnv,
	readRunbook = runbookReader({ cwd, env }),
): Config => ({
	...loadConfig(text, shownPath(path, cwd), {
		readRunbook,
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

/** A config with everything that it was made from. */
export interface ReadConfig {
	readonly config: Config;
	/** The texts of the config itself and the runbooks, by absolute path. */
	readonly files: ReadonlyMap<string, string>;
}

/** Like `openConfig`, and also returns which files were read. */
export const readConfig = (surroundings: Surroundings): ReadConfig => {
	const { cwd, env } = surroundings;
	const path = findConfig(surroundings);
	const text = readText(path);
	const files = new Map([[path, text]]);
	const reader = runbookReader({ cwd, env });
	const config = load(path, text, cwd, env, (name, from) => {
		const read = reader(name, from);
		if (read !== undefined && 'text' in read) {
			files.set(resolve(cwd, read.file), read.text);
		}
		return read;
	});
	return { config, files };
};

/** The result of `backout check` for a file without mistakes. */
export interface CheckedFile {
	/** Path to show: relative to the working directory if below it. */
	readonly file: string;
	readonly kind: 'config' | 'runbook';
	/** Counts, in words. */
	readonly summary: string;
	/** One entry per target of a config; one for a runbook. */
	readonly runbooks: readonly {
		readonly target?: string;
		readonly title: string;
		readonly procedures: number;
		readonly checks: number;
	}[];
}

const count = (amount: number, word: string): string => `${amount} ${word}${amount === 1 ? '' : 's'}`;

/**
 * Checks a config (with all its runbooks) or a runbook; its keys tell which it is. Throws a ConfigError with every problem, or a
 * BackoutError when the file cannot be read.
 */
export const checkFile = (
	file: string,
	{ cwd, env }: Omit<Surroundings, 'config'> = { cwd: process.cwd(), env: process.env },
): CheckedFile => {
	const path = resolve(cwd, file);
	const shown = shownPath(path, cwd);
	const text = readText(path);
	const kind = kindOfFile(text, shown);
	if (kind === undefined) {
		throw new BackoutError('config', `${shown} is neither a config nor a runbook`, {
			next: 'a config has the key `targets:`, a runbook `title:` and `procedures:`',
		});
	}
	if (kind === 'runbook') {
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
