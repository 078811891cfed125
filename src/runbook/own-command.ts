import { quote } from './shell-quote.ts';

/** The way this process was called: what a command needs to do the same from another terminal. */
export interface OwnCall {
	/** The words that start the program. */
	readonly program: readonly string[];
	/** Absolute path; missing when the config was found without `--config`. */
	readonly config?: string;
	/** The target given with `--target`. */
	readonly target?: string;
}

let own: OwnCall = { program: ['backout'] };
let unnamed: string | undefined;
let selected: string | undefined;

/** Sets how the program is called, for every command shown afterwards. */
export const calledAs = (call: OwnCall): void => {
	own = call;
	unnamed = undefined;
	selected = call.target;
};

/**
 * Sets the target of this process, which commands are for unless they name another one.
 * @param without the target of a command without `--target`; undefined if there is none
 */
export const onTarget = (name: string, without: string | undefined): void => {
	selected = name;
	unnamed = without;
};

/** Sets the config that later commands are shown with. */
export const withConfig = (config: string): void => calledAs({ ...own, config });

/** Returns one word for POSIX sh, quoted only if necessary. */
export const shellWord = (word: string): string =>
	/^[\w./:@%+,=-]+$/.test(word) && !word.startsWith('=') ? word : quote(word);

/** Returns the beginning of a command, before the command's own name. */
const beginning = (target: string | undefined): string => {
	const on = target ?? selected;
	const named = on !== undefined && (own.target !== undefined || (selected !== undefined && on !== unnamed));
	return [
		...own.program,
		...(own.config === undefined ? [] : ['--config', own.config]),
		...(named ? ['--target', on] : []),
	]
		.map(shellWord)
		.join(' ');
};

/**
 * Returns a command of this program, quoted, ready to paste into a shell: called as this installation is, with the config of this
 * process, and with the target if one must be named.
 * @param args its words, unquoted
 * @param target the target it is for; by default that of this process
 */
export const ownCommand = (args: readonly string[], target?: string): string =>
	[beginning(target), ...args.map(shellWord)].join(' ');

/**
 * Returns a text whose commands, written `backout …` between backticks, are ready to paste.
 * @param target the target the text is about; by default that of this process
 */
export const withOwnCommands = (text: string, target?: string): string =>
	text.replaceAll(
		/`backout( [^`\n]*)?`/g,
		(_all, words: string | undefined) => `\`${beginning(target)}${words ?? ''}\``,
	);
