import type { EngineShell } from '../../../engine/shell.ts';
import dropRestorePointScript from '../restore-point/drop-restore-point.sh';
import dropRunScript from './drop-run.sh';
import findPrunableScript from './find-prunable.sh';
import { findRunProcesses } from './find-run-processes.ts';
import { gitAsOwner } from './git-as-owner.ts';
import goingOn from './going-on.sh';
import pruneAtStart from './prune-at-start.sh';
import prunedRun from './pruned-run.sh';
import runsByStart from './runs-by-start.sh';

/** POSIX sh: `drop_restore_point ID` and `needed_by ID`; see drop-restore-point.sh. The first needs `RestorePointShell.drop`. */
export const dropRestorePoint: string = dropRestorePointScript;

/** POSIX sh: whether a run goes on; see going-on.sh. */
const runGoesOn: string = [findRunProcesses, goingOn].join('\n');

/** POSIX sh: `drop_run ID WHY`; see drop-run.sh. Needs `dropRestorePoint`. */
export const dropRun: string = [runGoesOn, prunedRun, dropRunScript].join('\n');

/** POSIX sh: `prunable SECONDS KIB MOST KEPT`; see find-prunable.sh. Needs `dropRestorePoint`. */
export const findPrunable: string = [runsByStart, prunedRun, runGoesOn, findPrunableScript].join('\n');

/** POSIX sh, kept in a run's folder as prune.sh: the supervisor of a changing run runs it first. It prints what it deleted. */
export const pruneRuns = ({ restorePoint }: EngineShell): string =>
	[gitAsOwner, restorePoint.drop, dropRestorePoint, dropRun, findPrunable, pruneAtStart].join('\n');
