import { quote } from './shell-quote.ts';

/** How this process was called: what a command needs to do the same from another terminal. */
export interface OwnCall {
	/** The words that start the program. */
	readonly program: readonly string[];
	/** Absolute path; missing where the config was found without `--config`. */
	readonly config?: string;
	/** The target given with `--target`. */
	readonly target?: string;
}

let own: OwnCall = { program: ['backout'] };
let unnamed: string | undefined;
let selected: string | undefined;

/** Sets how the program is called in every command that is shown from then on. */
export const calledAs = (call: OwnCall): void => {
	own = call;
	unnamed = undefined;
	selected = call.target;
};

/**
 * Sets the target of this process, which commands are for unless they name another one.
 * @param without the target that a command without `--target` takes; undefined where it would take none
 */
export const onTarget = (name: string, without: string | undefined): void => {
	selected = name;
	unnamed = without;
};

/** Sets the config that commands are shown with from then on. */
export const withConfig = (config: string): void => calledAs({ ...own, config });

/** One word for POSIX sh, quoted only where it has to be. */
export const shellWord = (word: string): string =>
	/^[\w./:@%+,=-]+$/.test(word) && !word.startsWith('=') ? word : quote(word);

/** The beginning of a command, as far as the command's own name. */
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
 * A command of this program, quoted, ready to paste into a shell: called as this installation is, with the config of this
 * process, and with the target where one must be named.
 * @param args its words, unquoted
 * @param target the target it is for; that of this process unless given
 */
export const ownCommand = (args: readonly string[], target?: string): string =>
	[beginning(target), ...args.map(shellWord)].join(' ');

/**
 * A text in which every command of this program, written `backout …` between backticks, is one to paste.
 * @param target the target the text is about; that of this process unless given
 */
export const withOwnCommands = (text: string, target?: string): string =>
	text.replaceAll(
		/`backout( [^`\n]*)?`/g,
		(_all, words: string | undefined) => `\`${beginning(target)}${words ?? ''}\``,
	);
