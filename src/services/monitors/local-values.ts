import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { settingsOf } from '../../runbook/dot-env.ts';
import { mask } from '../../runbook/secrets.ts';

let folder: string | undefined;
let environment: NodeJS.ProcessEnv = {};
/** Values that were read, which no output may show. */
const used = new Set<string>();

/**
 * Sets the source of values that a runbook takes from this machine.
 *
 * @param from the folder whose `.env` is read; the environment takes precedence over it
 */
export const takeLocalValues = (from: string, env: NodeJS.ProcessEnv): void => {
	folder = from;
	environment = env;
	used.clear();
};

const fromFile = (name: string): string | undefined => {
	if (folder === undefined) {
		return undefined;
	}
	try {
		return settingsOf(readFileSync(join(folder, '.env'), 'utf8')).findLast(([known]) => known === name)?.[1];
	} catch {
		return undefined;
	}
};

/** A value of the environment, or of the file `.env` beside the config, read anew each time; undefined where neither has it. */
export const localValue = (name: string): string | undefined => {
	const value = environment[name] ?? fromFile(name);
	if (value !== undefined && value.length >= 4) {
		used.add(value);
	}
	return value;
};

/** Returns the path of a file that a runbook names: `~/x`, or relative to the config. */
export const localFile = (path: string): string =>
	path.startsWith('~/') ? join(environment.HOME || homedir(), path.slice(2)) : resolve(folder ?? '', path);

/** Masks the values that `localValue` returned, everywhere in a text. */
export const hideLocalValues = (text: string): string =>
	[...used].reduce((hidden, value) => hidden.replaceAll(value, mask(value)), text);
