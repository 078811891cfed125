import { type ProgramPlaces, withPrograms } from '../../services/host/programs.ts';
import type { ClusterPlace } from './place.ts';

/** Ids of the engine for pods. */
const idPattern = /^[0-9a-f-]+$/;
/** What needs no quotes in any shell; the schema of the config admits nothing else. */
const plainPattern = /^[\w.:@/~+=-]*$/;

/**
 * The command that opens a shell in a pod, for a terminal of the host. Throws a TypeError for what is no id of a pod.
 *
 * @param container the one that is meant; undefined: kubectl chooses
 */
export const shellInPod = (
	id: string,
	{ namespace, context, kubeconfig }: ClusterPlace,
	places?: ProgramPlaces,
	container?: string,
): string => {
	if (!idPattern.test(id)) {
		throw new TypeError('not an id of a pod');
	}
	const words = [kubeconfig, context, namespace, container].map((word) => word ?? '');
	if (words.some((word) => !plainPattern.test(word))) {
		throw new TypeError('not a place that every shell preserves');
	}
	const [file = '', cluster = '', space = '', one = ''] = words;
	const options = [
		...(cluster === '' ? [] : [`--context=${cluster}`]),
		...(space === '' ? [] : [`--namespace=${space}`]),
	].join(' ');
	// The same choice as in kubectl.sh, in one line. It is inside single quotes, with another shell inside its own.
	const script = [
		'k=kubectl',
		'command -v kubectl >/dev/null 2>&1 || for one in k3s microk8s k0s; do command -v \\$one >/dev/null 2>&1 && k=\\"\\$one kubectl\\" && break; done',
		...(file === ''
			? [
					'f=',
					'[ -n \\"\\${KUBECONFIG:-}\\" ] || [ -r ~/.kube/config ] || [ \\"\\$k\\" != kubectl ] || for one in /etc/kubernetes/admin.conf /etc/rancher/k3s/k3s.yaml; do [ -r \\$one ] && f=--kubeconfig=\\$one && break; done',
				]
			: [`f=${file}`, 'f=--kubeconfig=\\$f']),
		...(places?.sudo === true ? ['k=\\"sudo -n \\$k\\"'] : []),
		`k=\\"\\$k \\$f ${options}\\"`,
		`pod=\\$(\\$k get pods --no-headers -o custom-columns=u:.metadata.uid,n:.metadata.name | grep ^${id} | tr -s \\" \\" | cut -d \\" \\" -f 2)`,
		'if [ -z \\"\\$pod\\" ]; then echo This pod is gone. >&2; exit 1; fi',
		`exec \\$k exec -it \\$pod${one === '' ? '' : ` -c ${one}`} -- sh -c \\"if command -v bash >/dev/null 2>&1; then exec bash; fi; exec sh\\"`,
	].join('; ');
	return withPrograms(`sh -c "${script}"`, places);
};
