import { dirname } from 'node:path';
import { BackoutError } from '../../runbook/errors.ts';
import { onTarget } from '../../runbook/own-command.ts';
import type { ThemeName } from '../../runbook/preferences.ts';
import type { Config, Target } from '../../runbook/runbook.ts';
import { debugLog } from '../../services/debug/debug-log.ts';
import { rememberConfig, rememberedConfig } from '../../services/files/remembered-config.ts';
import { takeLocalValues } from '../../services/monitors/local-values.ts';

/** The options of every command. */
export interface GlobalOptions {
	readonly config?: string;
	readonly target?: string;
	readonly readOnly?: boolean;
	readonly theme?: ThemeName;
	readonly screenReader?: boolean;
	/** The file of the debug log. */
	readonly debugLog?: string;
}

/** The id of this build; undefined when running from source, which changes under anything that is cached. */
const build = process.env.BACKOUT_BUILD;

const openConfig = async (given: string | undefined): Promise<Config> => {
	const surroundings = { config: given, cwd: process.cwd(), env: process.env };
	const remembered = build === undefined ? undefined : rememberedConfig(surroundings, build);
	if (remembered !== undefined) {
		return remembered;
	}
	const { readConfig } = await import('../../services/files/files.ts');
	const read = readConfig(surroundings);
	if (build !== undefined) {
		void rememberConfig(read, surroundings, build);
	}
	return read.config;
};

/**
 * Loads the config and selects the target: `--target`, else the config's default, else the first. Throws `config` or `usage`.
 * @param options `named`: a command that changes a host never guesses. Of several targets, one must be named or be the default.
 */
export const selectTarget = async (
	globals: GlobalOptions,
	{ named = false }: { readonly named?: boolean } = {},
): Promise<{ readonly config: Config; readonly target: Target }> => {
	const config = await openConfig(globals.config);
	takeLocalValues(dirname(config.file), process.env);
	if (named && globals.target === undefined && config.noDefault === true) {
		const names = config.targets.map(({ name }) => name);
		throw new BackoutError(
			'usage',
			`the config has ${names.length} targets and no default; give one with --target: ${names.join(', ')}`,
			{ next: 'or write `default: NAME` into the config; nothing was contacted' },
		);
	}
	const name = globals.target ?? config.defaultTarget;
	const target = config.targets.find((candidate) => candidate.name === name);
	if (target === undefined) {
		throw new BackoutError('usage', `the config has no target ${JSON.stringify(name)}`, {
			next: `it has: ${config.targets.map((candidate) => candidate.name).join(', ')}`,
		});
	}
	turnTo(config, target);
	debugLog()?.config(config.file, target);
	return { config, target };
};

/** Makes the commands that are shown from now on be for this target. */
export const turnTo = (config: Config, target: Target): void =>
	onTarget(target.name, config.noDefault === true ? undefined : config.defaultTarget);

/** Loads the config and selects several targets by name, in the order given. Throws `config` or `usage`. */
export const selectTargets = async (
	globals: GlobalOptions,
	names: readonly string[],
): Promise<{ readonly config: Config; readonly targets: readonly Target[] }> => {
	if (globals.target !== undefined) {
		throw new BackoutError('usage', '--target names one target, and --targets several: use one of them');
	}
	const targets: Target[] = [];
	for (const name of names) {
		const { config, target } = await selectTarget({ ...globals, target: name });
		const same = targets.find((other) => other.host === target.host && other.directory === target.directory);
		if (same !== undefined) {
			throw new BackoutError(
				'usage',
				same.name === name ? `--targets names ${name} twice` : `${same.name} and ${name} are the same deployment`,
				{ next: 'name each deployment once; nothing was contacted' },
			);
		}
		targets.push(target);
		if (targets.length === names.length) {
			turnTo(config, targets[0] ?? target);
			return { config, targets };
		}
	}
	throw new BackoutError('usage', '--targets names no target', { next: 'give names with commas, e.g. a,b,c' });
};
