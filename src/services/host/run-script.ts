import { BackoutError, type ErrorCode } from '../../runbook/errors.ts';
import { maskSecrets } from '../../runbook/secrets.ts';
import type { ExecEnd, ExecOptions, ExecResult, Host } from './host.ts';
import { noCommandRun } from './no-command-run.ts';
import { programsPrelude, programVariables } from './programs.ts';
import { keptScriptShell } from './script-shell.ts';
import { afterMark, constantScript, limitedShell, newMark, shellProgramTexts } from './shell-program.ts';

export interface ScriptOptions extends Pick<ExecOptions, 'signal' | 'timeoutMs' | 'maxBytes'> {
	/** The purpose for error messages, as it follows "the host could not": `list the runs`. */
	readonly purpose: string;
	/** POSIX sh before the script: the functions that it calls. */
	readonly prelude?: readonly string[];
	/** Assigned and exported: programs that the script starts receive them. At most 128 KiB each on Linux (execve(2)). */
	readonly environment?: Readonly<Record<string, string>>;
	/** Assigned, not exported: of any length. */
	readonly variables?: Readonly<Record<string, string>>;
	/** True: any exit code is a result, which the caller reads. Default: a code other than 0 throws. */
	readonly anyExit?: boolean;
}

/** The output of a script, without what a login's rc files printed before it. */
export interface ScriptResult {
	readonly code: number;
	/** UTF-8. */
	readonly stdout: string;
	readonly stderr: string;
	/** Standard output as it arrived. */
	readonly bytes: Buffer;
	/** True when output beyond `maxBytes` was dropped. */
	readonly truncated: boolean;
}

/** Returns the error of a script that printed `refused<TAB>MESSAGE<TAB>NEXT` on standard error; undefined when it did not. */
export const refusal = (host: string, stderr: string): BackoutError | undefined => {
	const line = stderr.split('\n').find((text) => /^(refused|no-such-run)\t/.test(text));
	if (line === undefined) {
		return undefined;
	}
	const [word, message = '', next] = line.split('\t');
	const code: ErrorCode = word === 'refused' ? 'refused' : 'usage';
	return new BackoutError(code, message, { host, next: next || undefined });
};

/** Returns the error of a script whose outcome is unknown. */
export const lostLink = (host: string, purpose: string, { signal }: Partial<ExecEnd> = {}): BackoutError =>
	new BackoutError(
		'unreachable',
		signal === undefined
			? `the link was lost before the host could ${purpose}`
			: `the host's shell was killed by ${signal} before it could ${purpose}`,
		{ host, next: 'try again when the link is back' },
	);

/** Returns the last line that is not blank; empty when there is none. */
export const lastLineOf = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

const failure = (host: string, purpose: string, code: number, stderr: string): BackoutError =>
	new BackoutError(
		'failed',
		`the host could not ${purpose}: ${maskSecrets(lastLineOf(stderr)) || `exit code ${code}`}`,
		{
			host,
			output: stderr.slice(0, 4000),
			next: '`backout doctor` shows what is missing on the host',
		},
	);

const resultOf = (
	host: Host,
	mark: string,
	ended: ExecResult,
	{ purpose, anyExit = false }: Pick<ScriptOptions, 'purpose' | 'anyExit'>,
): ScriptResult => {
	const stderr = (afterMark(ended.stderr, mark) ?? ended.stderr).toString('utf8');
	const refused = anyExit ? undefined : refusal(host.name, stderr);
	if (refused) {
		throw refused;
	}
	const { code, truncated } = ended;
	if (code === undefined || ended.lost) {
		throw lostLink(host.name, purpose, ended);
	}
	const bytes = afterMark(ended.stdout, mark);
	// Truncated output may have lost the mark; a shell that cannot read a program says so.
	if (
		bytes === undefined &&
		!truncated &&
		afterMark(ended.stderr, mark) === undefined &&
		!/syntax error/i.test(stderr)
	) {
		throw noCommandRun(host.name, `${ended.stdout.toString('utf8')}\n${stderr}`, code);
	}
	if (bytes === undefined || (!anyExit && code !== 0)) {
		throw failure(host.name, purpose, code, stderr);
	}
	return {
		code,
		truncated,
		bytes,
		stderr,
		get stdout() {
			return bytes.toString('utf8');
		},
	};
};

/**
 * Runs a POSIX sh script on the host to its end and returns its output: all such scripts go through here. Values travel as variables,
 * never as text in the script; its standard input is /dev/null.
 *
 * Throws BackoutError: `refused` (or `usage`) when the script itself refused, `unreachable` when the link was lost or the time was up,
 * `failed` when it ended with a code other than 0; the signal's reason when aborted. With `anyExit` neither a code nor a refusal throws.
 */
export const runScript = async (host: Host, script: string, options: ScriptOptions): Promise<ScriptResult> => {
	const { prelude = [], environment, variables = {}, signal, timeoutMs, maxBytes } = options;
	const mark = newMark();
	const program = shellProgramTexts(
		mark,
		{ ...programVariables(host.programs), ...variables },
		[programsPrelude(host.programs), ...prelude, script],
		{ environment },
	);
	const limits = { signal, timeoutMs, maxBytes };
	const inSession = () => host.exec(limitedShell(timeoutMs), { ...limits, input: program.join('\n') });
	const ended = await (keptScriptShell(host, signal)?.then((shell) => shell?.exec(program, limits) ?? inSession()) ??
		inSession());
	return resultOf(host, mark, ended, options);
};

/**
 * Runs a constant script of one line without values: its output arrives a round trip sooner (see `constantScript`). Returns and throws
 * what `runScript` does.
 */
export const runConstantScript = async (
	host: Host,
	script: string,
	options: Omit<ScriptOptions, 'prelude' | 'environment' | 'variables'>,
): Promise<ScriptResult> => {
	if (host.programs?.sudo === true) {
		// A constant script cannot create the program that calls sudo.
		return runScript(host, script, options);
	}
	const { signal, timeoutMs, maxBytes } = options;
	const mark = 'backout-script';
	const command = constantScript(`echo ${mark}; echo ${mark} >&2; ${script}`, timeoutMs, host.programs);
	return resultOf(host, mark, await host.exec(command, { signal, timeoutMs, maxBytes }), options);
};
