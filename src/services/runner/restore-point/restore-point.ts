import type { EngineShell } from '../../../engine/shell.ts';
import type { PlanStep } from '../../../runbook/plan.ts';
import onDisk from '../host/on-disk.sh';
import keepFiles from './keep-files.sh';
import keepGit from './keep-git.sh';
import keepPath from './keep-path.sh';
import keepRest from './keep-rest.sh';
import noteFirst from './note-first.sh';
import pathsAtStakeScript from './paths-at-stake.sh';
import main from './restore-point.sh';

/** POSIX sh: `paths_overwritten_by COMMIT`; see paths-at-stake.sh. Needs `gitAsOwner`. */
export const pathsAtStake: string = pathsAtStakeScript;

const libraryOf = ({ restorePoint }: EngineShell): string =>
	[onDisk, pathsAtStake, keepPath, keepGit, keepFiles, restorePoint.keep].join('\n');

/** The id of the step that saves a restore point. */
export const restorePointId = 'restore-point';

/**
 * Returns the first step of every plan that changes something. It saves, in the run's `restore/` folder, in git refs and in image tags:
 * the commit, the branch, local changes (`git stash create`: neither work tree nor index is touched), submodules, what the plan would
 * overwrite although git does not keep it, the engine's part (the files that say what should run, the containers, and their images),
 * and the paths that the runbook wants kept (`keeps`). It prints what cannot be kept; it fails when nothing could be, and when
 * something that a later step overwrites could not be.
 *
 * Its environment: `directory`, `project`, `keep_paths`, and that of every step. Facts it notes: `restore_point` (folder), `commit`,
 * `branch` (none when detached), `local_changes` (commit), `image.SERVICE` (id; `image.SERVICE-2` when the containers of a service
 * differ).
 */
export const restorePointStep = (shell: EngineShell, options: { readonly timeoutSeconds?: number } = {}): PlanStep => ({
	id: restorePointId,
	title: 'Save a restore point',
	kind: 'run',
	script: `${libraryOf(shell)}\n${main}`,
	timeoutSeconds: options.timeoutSeconds ?? 180,
});

/**
 * Returns the two steps of an emergency stop's restore point. The first, before the stop, notes what the stop changes, without Compose or a
 * program that fetches secrets. The second, after all others, saves the rest as `restorePointStep` does.
 */
export const emergencyRestorePoint = (shell: EngineShell): { readonly first: PlanStep; readonly rest: PlanStep } => ({
	first: {
		id: restorePointId,
		title: 'Record what runs now',
		kind: 'run',
		script: `${libraryOf(shell)}\n${noteFirst}`,
		timeoutSeconds: 60,
	},
	rest: {
		id: 'keep-rest',
		title: 'Save files and images for an undo',
		kind: 'run',
		script: `${libraryOf(shell)}\n${keepRest}`,
		timeoutSeconds: 180,
		mayFail: true,
	},
});
