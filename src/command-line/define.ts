import { type Command, InvalidArgumentError, Option } from 'commander';
import type { GlobalOptions } from '../application/fleet/select-target.ts';
import { reportError } from '../commands/report-error.ts';

const keyValue = (given: string, all: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
	const at = given.indexOf('=');
	if (at <= 0) {
		throw new InvalidArgumentError('It must be NAME=VALUE.');
	}
	return { ...all, [given.slice(0, at)]: given.slice(at + 1) };
};

/**
 * Runs a command's module, loaded only now, and turns its outcome into the exit code.
 * `process.exitCode` and not `process.exit`, so that all output is written first.
 */
export const run = async (json: boolean, command: () => Promise<number>): Promise<void> => {
	try {
		process.exitCode = await command();
	} catch (error) {
		process.exitCode = reportError(error, json);
	}
};

/** Bundled together, as most of each is shared: one more file costs a millisecond of every start. */
export const hostCommands = () => import('../commands/host-commands.ts');
export const setUpCommands = () => import('../commands/setup-commands.ts');

/** Returns the end of a command's help. */
export const examples = (...commands: readonly string[]): string =>
	`\nExamples:\n${commands.map((words) => `  $ backout ${words}`).join('\n')}`;

export const jsonOption = () => new Option('--json', 'print JSON, one object per line');
export const waitOption = () =>
	new Option('--wait <DURATION>', 'wait for the lock, at most so long, e.g. 15m (default: not at all)');
const allow = (about: string) =>
	new Option('--allow <SERVICE:ASPECT:NAME>', about)
		.argParser((name: string, before: readonly string[]) => [...before, name])
		.default([], 'none');
export const allowOption = () =>
	allow('accept this loss or blocked version, which the plan would refuse; repeat for several');
/** The option of commands that act without an operator: they never go back to a blocked version. */
export const allowLossOption = () => allow('accept this loss, which the plan would refuse; repeat for several');

export const inputOption = () =>
	new Option('--input <NAME=VALUE>', 'value of an input; repeat for several').argParser(keyValue).default({}, 'none');

/** Returns the options of the program itself, as given to one of its commands. */
export const globals = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();
