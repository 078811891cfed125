import { randomBytes } from 'node:crypto';
import { quote } from '../../runbook/shell-quote.ts';
import { defaultTimeoutMs } from './host.ts';
import { type ProgramPlaces, programArguments, programsLine } from './programs.ts';

/** The command that runs a program from its standard input. The command is constant: all that varies goes over that input. */
export const shellCommand = 'exec sh -s';

/**
 * The same, ended (KILL) when nobody waits for it any more: a script that hangs would hold its session for good. The end comes
 * well after its caller has given up, so that a slow host still finishes what it has begun. The command suits any login shell;
 * the host's own sh looks for `timeout`.
 *
 * @param timeoutMs how long the caller waits, ms
 */
export const limitedShell = (timeoutMs = defaultTimeoutMs): string => {
	const seconds = Math.ceil((2 * timeoutMs) / 1000) + 5;
	return `exec sh -c 'command -v timeout >/dev/null 2>&1 && exec timeout -s KILL ${seconds} sh -s; exec sh -s'`;
};

/**
 * The command that runs a constant script, limited in the same way. Its output comes a round trip sooner than that of a script
 * on standard input. Throws a TypeError for text that not every login shell keeps inside single quotes: csh no newline and no
 * `!`, fish no backslash. It finds programs where they are, as every script does.
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
 * One assignment a line, not exported: programs that the shell starts do not get them, so their length has no limit. Throws a
 * TypeError for what cannot be the name of a variable.
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

/** A word that neither a login message nor a noisy rc file prints by chance. */
export const newMark = (): string => `backout-${randomBytes(9).toString('hex')}`;

export interface ProgramOptions {
	/** Exported: the programs that the shell starts get them. */
	readonly environment?: Readonly<Record<string, string>>;
	/** The program's standard input is what is sent after it; otherwise it is /dev/null. */
	readonly keepInput?: boolean;
}

/**
 * Puts a program together for `exec sh -s`. It is in braces: the shell parses all of it before it runs any of it, so that an
 * upload cut off half-way runs nothing. Once it runs, it prints `mark` on both streams: what came before (rc files, banners)
 * is not from it.
 *
 * @param variables assigned, not exported
 * @param texts POSIX sh, in order
 */
export const shellProgram = (
	mark: string,
	variables: Readonly<Record<string, string>>,
	texts: readonly string[],
	{ environment = {}, keepInput = false }: ProgramOptions = {},
): string => {
	const exported = Object.keys(environment);
	return [
		'{',
		`printf '%s\\n' ${quote(mark)}; printf '%s\\n' ${quote(mark)} >&2`,
		assignments(variables),
		assignments(environment),
		...(exported.length === 0 ? [] : [`export ${exported.join(' ')}`]),
		'{',
		...texts,
		keepInput ? '}' : '} </dev/null',
		'exit; }',
		'',
	].join('\n');
};

/** What follows the mark's line; undefined when the mark has not come. */
export const afterMark = (bytes: Buffer, mark: string): Buffer | undefined => {
	const at = bytes.indexOf(`${mark}\n`);
	return at < 0 ? undefined : bytes.subarray(at + mark.length + 1);
};

/** Takes the pieces of a stream and gives those that follow the mark's line; undefined for all before it is whole. */
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
