import type { EngineShell } from '../../../engine/shell.ts';
import type { Host } from '../../host/host.ts';
import { assertWritable } from '../../host/read-only.ts';
import { runScript } from '../../host/run-script.ts';
import { gitAsOwner } from '../host/git-as-owner.ts';
import script from '../host/prune-points.sh';
import { dropRestorePoint } from '../host/prune-runs.ts';
import { locateState, type StateOptions, stateValues } from '../host/state-folder.ts';
import type { RestorePoint } from '../restore-point/list-restore-points.ts';
import { assertRunId } from './run-id.ts';

/** The restore points to keep: a number of the newest, or those that are younger than an age. */
export type PruneRule = { readonly keep: number } | { readonly olderThanMs: number };

/**
 * Returns the restore points that a rule deletes, from a list with the newest first. Never one of a run that has not ended, nor the newest
 * known good one, nor the newest with the images of a verification that passed: without them there may be no good version left to roll back
 * to.
 */
export const pointsToDrop = (
	points: readonly RestorePoint[],
	rule: PruneRule,
	now: number,
): readonly RestorePoint[] => {
	const lastGood = points.find(({ knownGood }) => knownGood);
	const lastVerified = points.find(({ keepsVerified }) => keepsVerified);
	return points.filter((point, index) => {
		const old = 'keep' in rule ? index >= rule.keep : now - point.run.startedAt > rule.olderThanMs;
		return (
			old &&
			point !== lastGood &&
			point !== lastVerified &&
			point.run.state !== 'running' &&
			point.run.state !== 'unknown'
		);
	});
};

/** The result for one restore point; `left` names what could not be deleted. */
export interface Dropped {
	readonly run: string;
	readonly left: string;
}

/**
 * Deletes restore points: folder, git refs, image tags. The runs stay in the journal. May be repeated. Throws `refused` while a run has the
 * lock, and what `runScript` throws.
 */
export const dropRestorePoints = async (
	host: Host,
	shell: EngineShell,
	options: StateOptions,
	ids: readonly string[],
	signal?: AbortSignal,
): Promise<readonly Dropped[]> => {
	assertWritable(host, 'deleting restore points');
	ids.forEach(assertRunId);
	const { stdout } = await runScript(host, script, {
		purpose: 'drop restore points',
		prelude: [locateState, gitAsOwner, shell.restorePoint.drop, dropRestorePoint],
		variables: { ...stateValues(options), ids: ids.join(' ') },
		signal,
		timeoutMs: 600_000,
	});
	return stdout
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const [run = '', left = ''] = line.split('\t');
			return { run, left };
		});
};
