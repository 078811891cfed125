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

/** Which restore points to keep: the newest so many, or those that are younger. */
export type PruneRule = { readonly keep: number } | { readonly olderThanMs: number };

/**
 * The restore points that a rule drops, of a list with the newest first. Never one of a run that has not ended, nor the
 * newest that is known good: without it there may be nothing good left to go back to.
 */
export const pointsToDrop = (
	points: readonly RestorePoint[],
	rule: PruneRule,
	now: number,
): readonly RestorePoint[] => {
	const lastGood = points.find(({ knownGood }) => knownGood);
	return points.filter((point, index) => {
		const old = 'keep' in rule ? index >= rule.keep : now - point.run.startedAt > rule.olderThanMs;
		return old && point !== lastGood && point.run.state !== 'running' && point.run.state !== 'unknown';
	});
};

/** What came of one restore point; `left` says what of it could not be taken away. */
export interface Dropped {
	readonly run: string;
	readonly left: string;
}

/**
 * Drops restore points: folder, git refs, image tags. The runs stay in the journal. May be repeated. Throws `refused`
 * while a run has the lock, and what `ask` throws.
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
