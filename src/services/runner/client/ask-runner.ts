import { BackoutError, type ErrorCode } from '../../../runbook/errors.ts';
import type { ExecResult, Host } from '../../host/host.ts';
import { limitedShell } from '../../host/script.ts';
import { afterMark, newMark, shellProgram } from '../host/shell-program.ts';

/** The error of a program that said `refused<TAB>MESSAGE<TAB>NEXT` on standard error; undefined when it did not. */
export const refusal = (host: string, stderr: string): BackoutError | undefined => {
	const line = stderr.split('\n').find((text) => /^(refused|no-such-run)\t/.test(text));
	if (line === undefined) {
		return undefined;
	}
	const [word, message = '', next] = line.split('\t');
	const code: ErrorCode = word === 'refused' ? 'refused' : 'usage';
	return new BackoutError(code, message, { host, next: next || undefined });
};

/** Whether it says that there is no such run. */
export const isNoSuchRun = (error: unknown): boolean => error instanceof BackoutError && error.code === 'usage';

/** What can be said of a run that was started when the host says that it has none of that id. */
export const runGone = (host: string, id: string, cause: unknown): BackoutError =>
	new BackoutError('outcome-unknown', `the host has run ${id} no more: its folder was deleted`, {
		host,
		run: id,
		next: 'a step of it may still be going on: look at the containers before anything else',
		cause,
	});

export interface RunnerAnswer {
	readonly stdout: Buffer;
	readonly stderr: string;
	readonly code: number;
}

export interface AskRunnerOptions {
	readonly signal?: AbortSignal;
	readonly timeoutMs?: number;
	readonly maxBytes?: number;
}

/**
 * Runs one program on the host that only looks, or that may be repeated, and gives what it said. Throws BackoutError:
 * what the program refused, `unreachable` when the link was lost, `failed` when it ended badly.
 */
export const askRunner = async (
	host: Host,
	what: string,
	values: Readonly<Record<string, string>>,
	texts: readonly string[],
	options: AskRunnerOptions = {},
): Promise<RunnerAnswer> => {
	const mark = newMark();
	const result: ExecResult = await host.exec(limitedShell(options.timeoutMs), {
		...options,
		input: shellProgram(mark, values, texts),
	});
	const stderr = result.stderr.toString('utf8');
	const refused = refusal(host.name, stderr);
	if (refused) {
		throw refused;
	}
	if (result.code === undefined) {
		throw new BackoutError('unreachable', `the link was lost while backout wanted to ${what}`, {
			host: host.name,
			next: 'try again when the link is back',
		});
	}
	const stdout = afterMark(result.stdout, mark);
	if (result.code !== 0 || stdout === undefined) {
		throw new BackoutError('failed', `the host could not ${what} (exit code ${result.code})`, {
			host: host.name,
			output: (afterMark(result.stderr, mark) ?? result.stderr).toString('utf8').slice(0, 4000),
			next: '`backout doctor` looks for what is missing on the host',
		});
	}
	return { stdout, stderr, code: result.code };
};
