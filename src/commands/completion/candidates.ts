import type { CommandSpec, OptionSpec } from './tree.ts';

/** What depends on the config; asked for only where it is wanted. */
export interface Offered {
	targets(): readonly string[];
	procedures(): readonly { readonly id: string; readonly title: string }[];
	inputs(procedure: string): readonly string[];
	/** Those that the runbook names: which there are, only the host knows. */
	services(): readonly string[];
}

/** One word that may stand here. A description stands behind a TAB, as fish wants it. `:files` lets the shell offer files. */
export type Candidate = string;

/** The incidents of the demo, which is not loaded for their names. */
export const incidentNames: readonly Candidate[] = ['crash', 'failed-deployment', 'config', 'database', 'gateway'];

export const files: Candidate = ':files';

const word = (text: string, description = ''): Candidate =>
	description === '' ? text : `${text}\t${description.split('\n')[0]}`;

const ofOption = (
	{ value, choices = [] }: OptionSpec,
	procedure: string | undefined,
	offered: Offered,
): readonly Candidate[] => {
	switch (value) {
		case 'FILE':
		case 'FOLDER':
		case 'DIR':
			return [files];
		case 'PROCEDURE':
			return offered.procedures().map(({ id, title }) => word(id, title));
		case 'NAME=VALUE':
			return procedure === undefined ? [] : offered.inputs(procedure).map((name) => `${name}=`);
		default:
			return choices;
	}
};

const ofArgument = (name: string | undefined, offered: Offered): readonly Candidate[] => {
	switch (name) {
		case 'PROCEDURE':
			return offered.procedures().map(({ id, title }) => word(id, title));
		case 'RUN':
			return [word('last', 'the newest run')];
		case 'SERVICE':
			return offered.services();
		case 'INCIDENT':
			return incidentNames;
		case 'FILE':
			return [files];
		case 'SHELL':
			return ['bash', 'zsh', 'fish'];
		default:
			return [];
	}
};

/** The last argument of a command where it may be given several times. */
const repeated = ({ repeats, args }: CommandSpec): string | undefined => (repeats === true ? args.at(-1) : undefined);

/**
 * What may stand where the cursor is.
 * @param words what was typed after the program's name; the last one is being typed and may be empty
 */
export const candidates = (program: CommandSpec, words: readonly string[], offered: Offered): readonly Candidate[] => {
	const typed = words.slice(0, -1);
	const current = words.at(-1) ?? '';
	let command: CommandSpec | undefined;
	const args: string[] = [];
	let waiting: OptionSpec | undefined;
	/** What `--procedure` said. */
	let named: string | undefined;
	const options = () => [...(command?.options ?? []), ...program.options];
	for (const each of typed) {
		if (waiting !== undefined) {
			named = waiting.long === '--procedure' ? each : named;
			waiting = undefined;
		} else if (each.startsWith('-')) {
			const option = options().find(({ long }) => long === each);
			waiting = option?.value === undefined ? undefined : option;
		} else if (command === undefined) {
			command = program.commands.find(({ name }) => name === each);
			if (command === undefined) {
				return [];
			}
		} else {
			args.push(each);
		}
	}
	const fitting = (all: readonly Candidate[]) => all.filter((one) => one === files || one.startsWith(current));
	const procedure = named ?? (command?.args[0] === 'PROCEDURE' ? args[0] : undefined);
	if (waiting !== undefined) {
		return fitting(waiting.long === '--target' ? offered.targets() : ofOption(waiting, procedure, offered));
	}
	if (current.startsWith('-')) {
		return fitting(options().map(({ long, description }) => word(long, description)));
	}
	return fitting(
		command === undefined
			? program.commands.map(({ name, description }) => word(name, description))
			: ofArgument(command.args[args.length] ?? repeated(command), offered),
	);
};
