import type { ExecOptions, ExecResult, Host } from './host.ts';

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

/** Runs a POSIX sh script on the host, values as environment variables, never as text in the script. */
export const runScript = (
	host: Host,
	script: string,
	environment: Readonly<Record<string, string>> = {},
	options: Omit<ExecOptions, 'input'> = {},
): Promise<ExecResult> => host.exec('exec sh -s', { ...options, input: scriptInput(script, environment) });
