import type { Command } from 'commander';

export interface OptionSpec {
	readonly long: string;
	readonly description: string;
	/** The word for its value in the help, e.g. `FILE`; undefined where it takes none. */
	readonly value?: string;
	/** The values there are, where there are only some. */
	readonly choices?: readonly string[];
}

export interface CommandSpec {
	readonly name: string;
	readonly description: string;
	/** The words for its arguments in the help, e.g. `PROCEDURE`. */
	readonly args: readonly string[];
	/** Whether the last argument may be given several times. */
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

/** A command with its options and sub-commands as plain data; what is hidden from the help is left out. */
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
