import { readFileSync, statSync } from 'node:fs';
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

/** The settings of a file, and what tells that the file is still the same. */
let known: { readonly key: string; readonly settings: ReadonlyMap<string, string> } | undefined;

/** The settings of `.env`, read again when the file has changed; undefined when it cannot be read. */
const settingsOfFile = (): ReadonlyMap<string, string> | undefined => {
	if (folder === undefined) {
		return undefined;
	}
	const file = join(folder, '.env');
	try {
		// Every write changes ctime, also one that keeps the size and sets mtime back.
		const { dev, ino, size, ctimeNs } = statSync(file, { bigint: true });
		const key = [file, dev, ino, size, ctimeNs].join('\0');
		if (known?.key !== key) {
			known = { key, settings: new Map(settingsOf(readFileSync(file, 'utf8'))) };
		}
		return known.settings;
	} catch {
		return undefined;
	}
};

/** Returns a value of the environment, or of the file `.env` beside the config as it is now; undefined when neither has it. */
export const localValue = (name: string): string | undefined => {
	const value = environment[name] ?? settingsOfFile()?.get(name);
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
