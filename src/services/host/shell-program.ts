import { randomBytes } from 'node:crypto';
import { quote } from '../../runbook/shell-quote.ts';
import { defaultTimeoutMs } from './host.ts';
import { type ProgramPlaces, programArguments, programsLine } from './programs.ts';

/** The command that runs a program from its standard input. The command is constant: everything else goes over that input. */
export const shellCommand = 'exec sh -s';

/**
 * Returns the same command with a limit (KILL), for when nobody waits for it any more: a hanging script would keep its session for good.
 * The limit is well after the caller's timeout, so that a slow host still completes its work. The command suits any login shell; the
 * host's own sh looks for `timeout`.
 *
 * @param timeoutMs the caller's timeout, ms
 */
export const limitedShell = (timeoutMs = defaultTimeoutMs): string => {
	const seconds = Math.ceil((2 * timeoutMs) / 1000) + 5;
	return `exec sh -c 'command -v timeout >/dev/null 2>&1 && exec timeout -s KILL ${seconds} sh -s; exec sh -s'`;
};

/**
 * Returns the command that runs a constant script, limited in the same way. Its output arrives a round trip sooner than that of a script
 * on standard input. Throws a TypeError for text that not every login shell preserves inside single quotes: csh no newline and no `!`,
 * fish no backslash. It finds programs like every other script.
 */
export const constantScript = (script: string, timeoutMs = defaultTimeoutMs, places?: ProgramPlaces): string => {
	if (/['\\!\n]/.test(script)) {
		throw new TypeError('not a script for one line in single quotes');
	}
	const run = 'sh -c "$1" sh "$2" "$3" "$4"';
	return `${limitedShell(timeoutMs).replaceAll('sh -s', run)} sh '${programsLine}; ${script}' ${programArguments(places)}`;
};

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Returns one assignment per line, not exported: programs that the shell starts do not receive them, so their length has no limit.
 * Throws a TypeError for an invalid variable name.
 */
export const assignments = (variables: Readonly<Record<string, string>>): string =>
	Object.entries(variables)
		.map(([name, value]) => {
			if (!namePattern.test(name)) {
				throw new TypeError(`not a name of a shell variable: ${name}`);
			}
			return `${name}=${quote(value)}`;
		})
		.join('\n');

/**
 * Returns assignments that programs receive. `backout_given` lists the names in lower case, as those are no part of the login's own
 * environment: a Compose file may have variables of the same names, and what calls Compose unsets these (deployment.sh).
 */
export const exportedAssignments = (environment: Readonly<Record<string, string>>): string => {
	const names = Object.keys(environment);
	const given = names.filter((name) => /^[a-z]/.test(name));
	return [
		assignments(environment),
		...(given.length === 0 ? [] : [`backout_given=${quote(given.join(' '))}; export backout_given`]),
		...(names.length === 0 ? [] : [`export ${names.join(' ')}`]),
	].join('\n');
};

/** Returns a word that neither a login message nor a noisy rc file prints by chance. */
export const newMark = (): string => `backout-${randomBytes(9).toString('hex')}`;

export interface ProgramOptions {
	/** Exported: programs that the shell starts receive them. */
	readonly environment?: Readonly<Record<string, string>>;
	/** True: the program's standard input is what is sent after it; otherwise it is /dev/null. */
	readonly keepInput?: boolean;
}

/**
 * Builds a program for `exec sh -s`, as texts that are joined with line ends. It is in braces: the shell parses all of it before it runs any
 * of it, so a truncated upload runs nothing. Once it runs, it prints `mark` on both streams: earlier output (rc files, banners) is not from
 * it.
 *
 * @param variables assigned, not exported
 * @param texts POSIX sh, in order; each stays a text of its own
 */
export const shellProgramTexts = (
	mark: string,
	variables: Readonly<Record<string, string>>,
	texts: readonly string[],
	{ environment = {}, keepInput = false }: ProgramOptions = {},
): readonly string[] => {
	return [
		`{\nprintf '%s\\n' ${quote(mark)}; printf '%s\\n' ${quote(mark)} >&2`,
		assignments(variables),
		// Programs of one caller have the same environment, mostly.
		exportedAssignments(environment),
		'{',
		...texts,
		`${keepInput ? '}' : '} </dev/null'}\nexit; }\n`,
	];
};

/** Returns the program of `shellProgramTexts` as one text. */
export const shellProgram = (...program: Parameters<typeof shellProgramTexts>): string =>
	shellProgramTexts(...program).join('\n');

/** Returns what follows the mark's line; undefined when the mark has not arrived. */
export const afterMark = (bytes: Buffer, mark: string): Buffer | undefined => {
	const at = bytes.indexOf(`${mark}\n`);
	return at < 0 ? undefined : bytes.subarray(at + mark.length + 1);
};

/** Returns a filter that takes the pieces of a stream and returns those after the mark's line; undefined until it is complete. */
export const createMarkFilter = (mark: string): ((piece: Buffer) => Buffer | undefined) => {
	let early: Buffer | undefined = Buffer.alloc(0);
	return (piece) => {
		if (early === undefined) {
			return piece;
		}
		early = Buffer.concat([early, piece]);
		const rest = afterMark(early, mark);
		if (rest !== undefined) {
			early = undefined;
		}
		return rest;
	};
};
