import containerFacts from '../../../engines/compose/container-facts.sh';
import type { PlanStep } from '../../../runbook/plan.ts';
import onDisk from '../host/on-disk.sh';
import keepCreation from './keep-creation.sh';
import keepFiles from './keep-files.sh';
import keepGit from './keep-git.sh';
import keepImages from './keep-images.sh';
import keepPath from './keep-path.sh';
import keepRest from './keep-rest.sh';
import noteFirst from './note-first.sh';
import pathsAtStakeScript from './paths-at-stake.sh';
import main from './restore-point.sh';

/** POSIX sh: `paths_overwritten_by COMMIT`; see paths-at-stake.sh. Wants `gitAsOwner`. */
export const pathsAtStake: string = pathsAtStakeScript;

const library = [onDisk, pathsAtStake, containerFacts, keepPath, keepGit, keepFiles, keepCreation, keepImages].join(
	'\n',
);

/**
 * The first step of every plan that changes something. It keeps, in the run's `restore/` folder, in git refs and in image
 * tags: the commit, the branch, local changes (`git stash create`: neither work tree nor index is touched), submodules, what
 * the plan would overwrite although git keeps it nowhere, env files, Compose files and what they name, the image of each
 * container (tagged `backout/SERVICE:RUN` and held by a container that is never started, so that no prune takes it), the
 * names of images, the containers' state, and what the runbook wants kept (`keeps`). What cannot be kept is said; the step
 * fails when nothing could be, and when something that a later step overwrites could not be.
 *
 * Its environment: `directory`, `project`, `keep_paths`, and what every step has. Facts it notes: `restore_point` (folder),
 * `commit`, `branch` (none when detached), `local_changes` (commit), `image.SERVICE` (id; `image.SERVICE-2` when the
 * containers of a service differ).
 */
export const restorePointStep = (options: { readonly timeoutSeconds?: number } = {}): PlanStep => ({
	id: 'restore-point',
	title: 'Save a restore point',
	kind: 'run',
	script: `${library}\n${main}`,
	timeoutSeconds: options.timeoutSeconds ?? 180,
});

/**
 * The restore point of an emergency stop, in two steps. The first, before the stop, notes what the stop changes: it asks neither
 * Compose nor a program that brings the secrets. The second, after all others, keeps the rest as `restorePointStep` does.
 */
export const emergencyRestorePoint = (): { readonly first: PlanStep; readonly rest: PlanStep } => ({
	first: {
		id: 'restore-point',
		title: 'Record what runs now',
		kind: 'run',
		script: `${library}\n${noteFirst}`,
		timeoutSeconds: 60,
	},
	rest: {
		id: 'keep-rest',
		title: 'Save files and images for an undo',
		kind: 'run',
		script: `${library}\n${keepRest}`,
		timeoutSeconds: 180,
		mayFail: true,
	},
});
