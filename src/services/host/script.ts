import { defaultTimeoutMs, type ExecOptions, type ExecResult, type Host } from './host.ts';

/** Quotes a value for POSIX sh (XCU 2.2.2): single quotes, each inner one as '\''. Used only for assignments in a preamble. */
export const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Builds what is sent over stdin to `exec sh -s`: the environment as quoted, exported assignments, then the script,
 * all inside braces, so that the shell parses everything before it runs anything (an upload cut off half-way runs nothing).
 * Standard input of the script is /dev/null, for `docker exec -i` and friends would eat what follows.
 */
export const scriptInput = (script: string, environment: Readonly<Record<string, string>> = {}): string => {
	const lines = Object.entries(environment).map(([name, value]) => {
		if (!namePattern.test(name)) {
			throw new TypeError(`not a name of an environment variable: ${name}`);
		}
		return `${name}=${quote(value)}; export ${name}`;
	});
	return `{ ${lines.join('\n')}\n{\n${script}\n} </dev/null\nexit; }\n`;
};

/**
 * The command that runs a script from standard input and does not stay for ever when nobody waits for it any more: it keeps its
 * session until it ends, and a hung one would keep it for good. Ended (KILL) well after its caller has given it up, so that on a
 * slow host it may still get done what it was about to do. For any login shell; the host's own sh looks for `timeout`.
 */
export const limitedShell = (timeoutMs = defaultTimeoutMs): string => {
	const seconds = Math.ceil((2 * timeoutMs) / 1000) + 5;
	return `exec sh -c 'command -v timeout >/dev/null 2>&1 && exec timeout -s KILL ${seconds} sh -s; exec sh -s'`;
};

/**
 * The command that runs a constant script, limited in the same way. Its answer comes a round trip sooner than that of a script
 * on standard input. Throws a TypeError for what not every login shell keeps inside single quotes: csh no newline and no `!`,
 * fish no backslash.
 */
export const constantScript = (script: string, timeoutMs = defaultTimeoutMs): string => {
	if (/['\\!\n]/.test(script)) {
		throw new TypeError('not a script for one line in single quotes');
	}
	return `${limitedShell(timeoutMs).replaceAll('sh -s', 'sh -c "$1"')} sh '${script}'`;
};

/** Runs a POSIX sh script on the host, values as environment variables, never as text in the script. */
export const runScript = (
	host: Host,
	script: string,
	environment: Readonly<Record<string, string>> = {},
	options: Omit<ExecOptions, 'input'> = {},
): Promise<ExecResult> =>
	host.exec(limitedShell(options.timeoutMs), { ...options, input: scriptInput(script, environment) });
