import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import deploymentScript from '../../../src/engines/compose/deployment.sh';
import submodulesScript from '../../../src/engines/compose/submodules.sh';
import treeScript from '../../../src/engines/compose/tree.sh';
import gitAsOwnerScript from '../../../src/services/runner/host/git-as-owner.sh';
import { type Shell, shellPath } from '../../runner/shells.ts';

/** Runs a script with the functions of tree.sh in a deployment's folder; programs in `bin` beside it come first. */
export const inDeployment = (shell: Shell, top: string, script: string, ...words: string[]) => {
	const whole = [gitAsOwnerScript, deploymentScript, submodulesScript, treeScript, 'cd -- "$directory"', script];
	const folder = join(top, '..');
	return spawnSync(shellPath(shell), [...(shell === 'busybox' ? ['sh'] : []), '-c', whole.join('\n'), 'sh', ...words], {
		encoding: 'utf8',
		env: {
			PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
			HOME: folder,
			GIT_CONFIG_SYSTEM: '/dev/null',
			directory: top,
			project: 'site',
		},
	});
};

/** Makes the tree of a commit beside the folder, and gives its path, what was said, and the exit code. */
export const treeOf = (shell: Shell, top: string, target: string, kind: 'light' | 'whole' = 'whole') => {
	const tree = join(top, '..', `tree-${kind}`);
	const { status, stdout, stderr } = inDeployment(shell, top, `tree_of "$1" "$2" ${kind}`, target, tree);
	return { tree, status, said: stdout, why: stderr, read: (path: string) => readFileSync(join(tree, path), 'utf8') };
};
