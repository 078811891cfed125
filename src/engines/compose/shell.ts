import type { EngineShell } from '../../engine/shell.ts';
import { programBefore } from '../../services/host/programs.ts';
import diskSpace from '../docker/disk-space.sh';
import engine from '../docker/engine.sh';
import leftInside from '../docker/left-inside.sh';
import markedDocker from '../docker/marked-docker.sh';
import { deploymentFunctions } from './deployment.ts';
import { printGround, stepFunctions } from './library.ts';
import listWatched from './list-watched.sh';
import redeployers from './plan/redeployers.sh';
import { restorePointShell } from './restore-point/restore-point-shell.ts';
import { undoShell } from './undo/undo-shell.ts';

/** The shell functions and scripts of Docker Compose. */
export const composeShell: EngineShell = {
	scriptFunctions: deploymentFunctions,
	stepFunctions,
	leftInside: [engine, leftInside].join('\n'),
	stepPrograms: { docker: programBefore(markedDocker) },
	watched: listWatched,
	printGround,
	redeployers,
	diskSpace,
	freeSpace: 'docker builder prune; docker image prune',
	restorePoint: restorePointShell,
	undo: undoShell,
};
