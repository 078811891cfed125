import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { didYouMean } from '../../runbook/did-you-mean.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { ReadRunbook } from '../runbook-file/load-runbook.ts';
import { builtInFolder, builtInNames } from './built-in.ts';

/** Says why a file could not be read. */
const whyNot = (error: unknown): string => {
	const { code, message } = error as NodeJS.ErrnoException;
	const words: Record<string, string> = {
		ENOENT: 'there is no such file',
		EACCES: 'permission denied',
		EISDIR: 'it is a folder',
		ENOTDIR: 'part of its path is not a folder',
	};
	return words[code ?? ''] ?? message;
};

/** Returns the home folder: `HOME`, or the system's answer. */
export const homeOf = (env: NodeJS.ProcessEnv): string => env.HOME || homedir();

/** Returns the absolute path for one that a person wrote: `~/x`, `x` relative to `folder`, `/x`. */
export const expandPath = (path: string, folder: string, env: NodeJS.ProcessEnv): string =>
	path === '~' || path.startsWith('~/') ? join(homeOf(env), path.slice(1)) : resolve(folder, path);

/** Returns a path for display: relative to the working directory when it is below it. */
export const shownPath = (path: string, cwd: string): string => {
	const short = relative(cwd, path);
	return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
};

/** Returns the text of a file, decoded as UTF-8. Throws a BackoutError (code `config`) that says why it cannot be read. */
export const readText = (path: string): string => {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		throw new BackoutError('config', `cannot read ${path}: ${whyNot(error)}`, { cause: error });
	}
};

/** Maximum size of a runbook, MiB. The largest of ours has 60 KiB. */
const mostMebibytes = 4;

/**
 * Returns the text of a regular file, decoded as UTF-8. Throws an Error that says why not: opening or reading a pipe or a device may never
 * end.
 */
const readRegularFile = (path: string): string => {
	const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	try {
		const stat = fstatSync(descriptor);
		if (stat.isDirectory()) {
			throw new Error('it is a folder');
		}
		if (!stat.isFile()) {
			throw new Error('it is a pipe, a socket or a device, not a file');
		}
		if (stat.size > mostMebibytes * 1024 ** 2) {
			throw new Error(`it has more than ${mostMebibytes} MiB`);
		}
		return readFileSync(descriptor, 'utf8');
	} finally {
		closeSync(descriptor);
	}
};

/** A plain word names a built-in runbook; anything with a slash or a dot is a path. */
const builtInPattern = /^[A-Za-z0-9_-]+$/;

/** Reads the runbooks that files refer to, from regular files of at most 4 MiB. Names in messages are shown relative to `cwd`. */
export const runbookReader =
	({ cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): ReadRunbook =>
	(name, from) => {
		if (builtInPattern.test(name) && !builtInNames().includes(name)) {
			const names = builtInNames();
			return {
				problem: `no built-in runbook has this name${didYouMean(name, names, 'built in')} (a path has a / or ends in .yaml)`,
			};
		}
		const path = builtInPattern.test(name)
			? join(builtInFolder(), `${name}.yaml`)
			: expandPath(name, dirname(resolve(cwd, from)), env);
		try {
			return { text: readRegularFile(path), file: shownPath(path, cwd) };
		} catch (error) {
			return { problem: `${whyNot(error)}: ${path}` };
		}
	};
