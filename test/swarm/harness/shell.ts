import { functionsOf, type Host, openShellHost } from '../../nodes/host-shell.ts';
import type { Node } from '../../nodes/node.ts';
import type { Stack } from './stack.ts';

export type { Host } from '../../nodes/host-shell.ts';

/** All functions of the Swarm's shell. The program of a run's folder is no function. */
export const functions = (): string =>
	functionsOf(
		'swarm',
		['engine.sh', 'ground-changed.sh', 'image-ids.sh', 'json.sh', 'seconds-of.sh'],
		['shared-lock.sh'],
	);

/** A manager as the runner sees it. @param shell a program that runs POSIX sh, with its arguments */
export const openHost = (stack: Stack, node: Node, shell?: readonly [string, ...string[]]): Host =>
	openShellHost({
		engine: 'swarm',
		functions,
		env: () => ({ ...node.env, stack: stack.name, directory: stack.clone }),
		shell,
	});
