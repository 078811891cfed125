import type { CommandSpec, OptionSpec } from './tree.ts';

/** The parts that depend on the config; loaded on demand. */
export interface Offered {
	targets(): readonly string[];
	procedures(): readonly { readonly id: string; readonly title: string }[];
	inputs(procedure: string): readonly string[];
	/** Services that the runbook names: only the host knows them all. */
	services(): readonly string[];
	/** Ids of the runs with a copy on this machine, newest first: the host's journal is not read. */
	runs(): readonly string[];
}

/** One possible word. A description follows a TAB, as fish expects. `:files` lets the shell offer files. */
export type Candidate = string;

/** The incidents of the demo, listed here so that it need not be loaded. */
const incidentNames: readonly Candidate[] = ['crash', 'failed-deployment', 'config', 'database', 'gateway'];

/** Maximum number of runs offered: the newest. */
const mostRuns = 20;

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
			return [word('last', 'the newest run'), ...offered.runs().slice(0, mostRuns)];
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

/** Returns the last argument of a command if it may be repeated. */
const repeated = ({ repeats, args }: CommandSpec): string | undefined => (repeats === true ? args.at(-1) : undefined);

/**
 * Returns the words that may be at the cursor.
 * @param words those typed after the program's name; the last one is being typed and may be empty
 */
export const candidates = (program: CommandSpec, words: readonly string[], offered: Offered): readonly Candidate[] => {
	const typed = words.slice(0, -1);
	const current = words.at(-1) ?? '';
	let command: CommandSpec | undefined;
	const args: string[] = [];
	let waiting: OptionSpec | undefined;
	/** The value of `--procedure`. */
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
