import groundChanged from '../docker/ground-changed.sh';
import afterStartScript from './after-start.sh';
import beforeStartScript from './before-start.sh';
import builtOnScript from './built-on.sh';
import creationScript from './creation.sh';
import { deploymentFunctions } from './deployment.ts';
import groundScript from './ground.sh';
import recreateScript from './recreate.sh';
import rolloutScript from './rollout.sh';
import treeScript from './tree.sh';

/** POSIX sh: prints what a plan rests on, in the form in which the first step of its run checks it again (ground.sh). */
export const printGround: string = `${groundChanged}\n${groundScript}\nground_scratch=$(mktemp) || exit\nground\n`;

/**
 * POSIX sh: every function that a step of a run may call: those of deployment.sh, tree.sh, config-source.sh, ground.sh, rollout.sh,
 * built-on.sh, before-start.sh, after-start.sh, creation.sh and recreate.sh.
 * Needs the function `git` (git-as-owner.ts) and the environment of a plan.
 */
export const stepFunctions: string = [
	deploymentFunctions,
	treeScript,
	groundChanged,
	groundScript,
	rolloutScript,
	builtOnScript,
	beforeStartScript,
	afterStartScript,
	creationScript,
	recreateScript,
].join('\n');
