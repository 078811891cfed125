import type { EngineShell } from '../../engine/shell.ts';
import { deploymentFunctions } from './deployment.ts';
import { printGround, stepFunctions } from './library.ts';
import diskSpace from './plan/disk-space.sh';

/** The shell functions and scripts of Docker Compose. */
export const composeShell: EngineShell = {
	scriptFunctions: deploymentFunctions,
	stepFunctions,
	printGround,
	diskSpace,
};
