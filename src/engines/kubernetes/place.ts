import type { Target } from '../../runbook/runbook.ts';

/** Where a deployment is in a cluster, and how kubectl is called for it. */
export interface ClusterPlace {
	readonly namespace: string;
	readonly selector?: string;
	readonly context?: string;
	readonly kubeconfig?: string;
}

/** Returns the place of a target's deployment; the loader of configs sees to it that there is one. */
export const placeOf = ({ kubernetes, project }: Pick<Target, 'kubernetes' | 'project'>): ClusterPlace => {
	const [namespace = '', ...selector] = project.split('/');
	return kubernetes ?? { namespace, ...(selector.length > 0 && { selector: selector.join('/') }) };
};

/** Returns the variables that kubectl.sh and all scripts of this engine read. */
export const placeVariables = ({
	namespace,
	selector = '',
	context = '',
	kubeconfig = '',
}: ClusterPlace): Readonly<Record<string, string>> => ({
	kube_namespace: namespace,
	kube_selector: selector,
	kube_context: context,
	kube_config: kubeconfig,
});

/** Returns the words of kubectl with which an operator reads something of a place. */
export const kubectlWords = ({ namespace, context, kubeconfig }: ClusterPlace): string =>
	[
		'kubectl',
		...(kubeconfig === undefined ? [] : [`--kubeconfig ${kubeconfig}`]),
		...(context === undefined ? [] : [`--context ${context}`]),
		`-n ${namespace}`,
	].join(' ');
