import type { Command } from 'commander';

export interface OptionSpec {
	readonly long: string;
	readonly description: string;
	/** The word for its value in the help, e.g. `FILE`; undefined when it takes none. */
	readonly value?: string;
	/** Its possible values, if they are limited. */
	readonly choices?: readonly string[];
}

export interface CommandSpec {
	readonly name: string;
	readonly description: string;
	/** The words for its arguments in the help, e.g. `PROCEDURE`. */
	readonly args: readonly string[];
	/** True when the last argument may be repeated. */
	readonly repeats?: boolean;
	readonly options: readonly OptionSpec[];
	readonly commands: readonly CommandSpec[];
}

const optionsOf = (command: Command): readonly OptionSpec[] =>
	command.options
		.filter(({ hidden, long }) => !hidden && long !== undefined)
		.map(({ long, description, flags, argChoices }) => {
			const value = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1];
			return {
				long: long ?? '',
				description,
				...(value !== undefined && { value }),
				...(argChoices && { choices: argChoices }),
			};
		});

/** Returns a command with its options and sub-commands as plain data, without those hidden from the help. */
export const treeOf = (command: Command): CommandSpec => ({
	name: command.name(),
	description: command.description(),
	args: command.registeredArguments.map((argument) => argument.name().toUpperCase()),
	repeats: command.registeredArguments.at(-1)?.variadic === true,
	options: optionsOf(command),
	commands: command
		.createHelp()
		.visibleCommands(command)
		.filter((sub) => sub.name() !== 'help')
		.map(treeOf),
});
