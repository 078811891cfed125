import type { ExecOptions, ExecResult, Host } from '../host/host.ts';
import { runScript } from '../host/script.ts';
import { afterMark, newMark } from '../runner/host/shell-program.ts';

export interface HostAnswer extends Omit<ExecResult, 'stdout' | 'stderr'> {
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs a script on the host and gives what it printed, without what a login's rc files printed before it. UTF-8. */
export const askHost = async (
	host: Host,
	script: string,
	environment: Readonly<Record<string, string>> = {},
	options: Omit<ExecOptions, 'input'> = {},
): Promise<HostAnswer> => {
	const mark = newMark();
	const marked = `printf '%s\\n' "$mark"; printf '%s\\n' "$mark" >&2; unset mark\n${script}`;
	const { stdout, stderr, ...end } = await runScript(host, marked, { ...environment, mark }, options);
	return {
		...end,
		stdout: (afterMark(stdout, mark) ?? Buffer.alloc(0)).toString('utf8'),
		stderr: (afterMark(stderr, mark) ?? stderr).toString('utf8'),
	};
};
