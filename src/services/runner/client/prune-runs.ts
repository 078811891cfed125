import type { EngineShell } from '../../../engine/shell.ts';
import { defaultRunLimits } from '../../../runbook/run-limits.ts';
import type { RunLimits } from '../../../runbook/runbook.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import { gitAsOwner } from '../host/git-as-owner.ts';
import listScript from '../host/list-prunable.sh';
import dropScript from '../host/prune-now.sh';
import { dropRestorePoint, dropRun, findPrunable } from '../host/prune-runs.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import { assertRunId } from './run-id.ts';

/** A run that its target's limits would delete, or have deleted. */
export interface PrunableRun {
	readonly run: string;
	readonly why: string;
	/** Size of its folder, bytes. */
	readonly bytes: number;
}

const fieldsOf = (stdout: string): readonly (readonly string[])[] =>
	stdout
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => line.split('\t'));

/** Lists the runs that are too old, or too large together, by the target's limits; oldest first. Changes nothing. */
export const listPrunable = async (
	host: Host,
	options: StateOptions & { readonly runs?: RunLimits },
	signal?: AbortSignal,
): Promise<readonly PrunableRun[]> => {
	const { keepMs, keepBytes } = options.runs ?? defaultRunLimits;
	const { stdout } = await runScript(host, listScript, {
		purpose: 'list what can be pruned',
		prelude: [locateState, dropRestorePoint, findPrunable],
		variables: {
			...stateValues(options),
			seconds: String(Math.floor(keepMs / 1000)),
			kib: String(Math.floor(keepBytes / 1024)),
		},
		signal,
		timeoutMs: 120_000,
	});
	return fieldsOf(stdout).map(([run = '', why = '', kib]) => ({ run, why, bytes: (Number(kib) || 0) * 1024 }));
};

/**
 * Deletes runs: output, plan, restore point with its refs and image tags. The journal still shows who ran them, why, when, and their
 * result. May be repeated. Throws `refused` while a run has the lock, and what `runScript` throws.
 */
export const dropRunsNow = async (
	host: Host,
	shell: EngineShell,
	options: StateOptions,
	ids: readonly string[],
	signal?: AbortSignal,
): Promise<readonly { readonly run: string; readonly left: string }[]> => {
	assertWritable(host, 'deleting runs');
	ids.forEach(assertRunId);
	const { stdout } = await runScript(host, dropScript, {
		purpose: 'drop runs',
		prelude: [locateState, gitAsOwner, shell.restorePoint.drop, dropRestorePoint, dropRun],
		variables: { ...stateValues(options), ids: ids.join(' '), why: 'by hand' },
		signal,
		timeoutMs: 600_000,
	});
	return fieldsOf(stdout).map(([run = '', left = '']) => ({ run, left }));
};
