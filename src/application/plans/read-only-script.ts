import {
	type Deployment,
	deploymentEnvironment,
	deploymentFunctions,
	deploymentOf,
} from '../../engines/compose/deployment.ts';
import { BackoutError } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { ExecResult, Host } from '../../services/host/host.ts';
import { limitedShell } from '../../services/host/script.ts';
import { gitAsOwner } from '../../services/runner/host/git-as-owner.ts';
import { afterMark, newMark, quoteText, shellProgram } from '../../services/runner/host/shell-program.ts';
import { locateState } from '../../services/runner/host/state-folder.ts';

/**
 * What every script of a runbook gets in its environment: the runbook's variables, the directory, and what the deployment is.
 * git refuses a work tree that belongs to somebody else (CVE-2022-24765); the target's own directory is trusted, and
 * `safe.directory` counts only from protected configuration, of which GIT_CONFIG_COUNT is one (git-config(1)).
 */
export const scriptEnvironment = (target: Target, deployment: Deployment): Record<string, string> => ({
	...target.runbook.variables,
	directory: target.directory,
	keep_paths: (target.runbook.keeps ?? []).join('\n'),
	...deploymentEnvironment(deployment),
	GIT_CONFIG_COUNT: '1',
	GIT_CONFIG_KEY_0: 'safe.directory',
	GIT_CONFIG_VALUE_0: '*',
	GIT_OPTIONAL_LOCKS: '0',
	GIT_TERMINAL_PROMPT: '0',
});

/** Sets `state_dir`, the folder with the runs, or nothing when there is none yet or it must not be used. */
const stateDirectory = (target: Target): string =>
	`state_dir=$(${locateState}\nconfigured=${quoteText(target.state ?? '')}\nlocate_state 2>/dev/null\nprintf %s "$state")\nexport state_dir`;

/** A script that only looks: an input's choices, a precondition, a preview. It runs in the target's directory. */
export const runReadOnlyScript = async (
	host: Host,
	target: Target,
	script: string,
	options: {
		readonly environment?: Readonly<Record<string, string>>;
		readonly signal?: AbortSignal;
		readonly timeoutMs?: number;
		readonly maxBytes?: number;
	} = {},
): Promise<ExecResult> => {
	const deployment = await deploymentOf(host, target, { signal: options.signal });
	const environment = { ...scriptEnvironment(target, deployment), ...options.environment };
	const mark = newMark();
	const timeoutMs = options.timeoutMs ?? 30_000;
	const ended = await host.exec(limitedShell(timeoutMs), {
		signal: options.signal,
		timeoutMs,
		maxBytes: options.maxBytes ?? 256 * 1024,
		input: shellProgram(mark, environment, [
			`export ${Object.keys(environment).join(' ')}`,
			gitAsOwner,
			deploymentFunctions,
			'enter_folder || exit 111',
			stateDirectory(target),
			script,
		]),
	});
	// What a login's rc files print comes before the mark.
	const result = {
		...ended,
		stdout: afterMark(ended.stdout, mark) ?? Buffer.alloc(0),
		stderr: afterMark(ended.stderr, mark) ?? ended.stderr,
	};
	if (result.lost) {
		throw new BackoutError('unreachable', 'the connection was lost before the host had answered', {
			host: host.name,
			next: 'try again when the link is back',
		});
	}
	if (result.code === 111) {
		throw new BackoutError('refused', `there is no directory ${target.directory} on the host`, {
			host: host.name,
			next: `correct targets.${target.name}.directory in the config`,
		});
	}
	return result;
};

/** The last line that says something, of what a script printed. */
export const lastLine = (...outputs: readonly Buffer[]): string =>
	outputs
		.map((output) => output.toString('utf8').trim().split('\n').at(-1)?.trim() ?? '')
		.find((line) => line !== '') ?? '';
