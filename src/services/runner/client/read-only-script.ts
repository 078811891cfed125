import type { DeploymentIdentity } from '../../../engine/deployment.ts';
import type { Engine } from '../../../engine/engine.ts';
import { BackoutError } from '../../../runbook/errors.ts';
import type { Target } from '../../../runbook/runbook.ts';
import type { Host } from '../../host/host.ts';
import { lastLineOf, runScript, type ScriptOptions, type ScriptResult } from '../../host/run-script.ts';
import { gitAsOwner } from '../host/git-as-owner.ts';
import { locateState } from '../host/state-folder.ts';

/** The place where scripts of a runbook run: a target, the connection to its host, and its engine. A session is one. */
export interface ScriptPlace {
	readonly host: Host;
	readonly target: Target;
	readonly engine: Pick<Engine, 'deployment' | 'shell'>;
}

/**
 * git refuses a work tree that belongs to another user (CVE-2022-24765); the target's own directory is trusted, and `safe.directory` counts
 * only from protected configuration, which GIT_CONFIG_COUNT is (git-config(1)).
 */
const gitEnvironment = {
	GIT_CONFIG_COUNT: '1',
	GIT_CONFIG_KEY_0: 'safe.directory',
	GIT_CONFIG_VALUE_0: '*',
	GIT_OPTIONAL_LOCKS: '0',
	GIT_TERMINAL_PROMPT: '0',
};

/**
 * Returns the environment of every script of a runbook: the runbook's variables, the directory, and the facts about the deployment.
 *
 * @param deployment undefined: without what the engine adds
 */
export const scriptEnvironment = (target: Target, deployment?: DeploymentIdentity): Record<string, string> => ({
	...target.runbook.variables,
	directory: target.directory,
	keep_paths: (target.runbook.keeps ?? []).join('\n'),
	...deployment?.environment,
	...gitEnvironment,
});

/** Sets `state_dir`, the folder with the runs; empty when there is none yet or it must not be used. */
const setStateFolder = `state_dir=$(${locateState}
configured=$backout_state
locate_state 2>/dev/null
printf %s "$state")
backout_given="$backout_given state_dir"
export state_dir
unset backout_state`;

/** A script of a runbook that only reads: an input's choices, a precondition, a preview. */
export interface ReadOnlyScriptOptions extends Pick<ScriptOptions, 'signal' | 'timeoutMs' | 'maxBytes'> {
	/** The purpose for messages, as in `ScriptOptions`. Default: to answer. */
	readonly purpose?: string;
	/** Added to the environment of every script of a runbook. */
	readonly environment?: Readonly<Record<string, string>>;
	/** True: it does without what the engine knows of the deployment, and begins before that is known. */
	readonly withoutDeployment?: boolean;
}

/**
 * Runs a script that only reads in the target's directory, with the environment of every script of a runbook. Any exit code is a result.
 * Throws `refused` when there is no such directory, and what `runScript` throws.
 */
export const runReadOnlyScript = async (
	{ host, target, engine }: ScriptPlace,
	script: string,
	{
		purpose = 'answer',
		environment,
		withoutDeployment = false,
		signal,
		timeoutMs = 30_000,
		maxBytes = 256 * 1024,
	}: ReadOnlyScriptOptions = {},
): Promise<ScriptResult> => {
	const deployment = withoutDeployment ? undefined : await engine.deployment({ signal });
	const result = await runScript(host, script, {
		purpose,
		prelude: [gitAsOwner, engine.shell.scriptFunctions, 'enter_folder || exit 111', setStateFolder],
		environment: { ...scriptEnvironment(target, deployment), ...environment },
		variables: { backout_state: target.state ?? '' },
		anyExit: true,
		signal,
		timeoutMs,
		maxBytes,
	});
	if (result.code === 111) {
		throw new BackoutError('refused', `there is no directory ${target.directory} on the host`, {
			host: host.name,
			next: `correct targets.${target.name}.directory in the config`,
		});
	}
	return result;
};

/** Returns the last line that is not blank, from the first output that has one. */
export const lastLine = (...outputs: readonly string[]): string =>
	outputs.map(lastLineOf).find((line) => line !== '') ?? '';
