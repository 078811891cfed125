import { functionsOf, type Host, openShellHost } from '../../nodes/host-shell.ts';

export type { Host } from '../../nodes/host-shell.ts';

/** All functions of the engine's shell. */
export const functions = (): string =>
	functionsOf(
		'kubernetes',
		['ground-changed.sh', 'json.sh', 'seconds-of.sh', 'words.sh'],
		['snapshot.sh', 'follow.sh', 'logs.sh', 'watch.sh', 'shared-lock.sh', 'lock-elsewhere.sh'],
	);

/**
 * The host with kubectl as the runner sees it.
 *
 * @param env how kubectl is called: PATH and KUBECONFIG
 * @param shell a program that runs POSIX sh, with its arguments
 */
export const openHost = (
	kubeNamespace: string,
	env: Readonly<Record<string, string | undefined>>,
	shell?: readonly [string, ...string[]],
): Host =>
	openShellHost({
		engine: 'kubernetes',
		functions,
		env: (state) => ({ HOME: state, ...env, project: kubeNamespace, kube_namespace: kubeNamespace, directory: state }),
		shell,
	});
