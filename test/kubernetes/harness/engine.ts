import { createKubernetesEngine } from '../../../src/engines/kubernetes/engine.ts';
import { LocalHost } from '../../../src/services/host/local-host.ts';
import type { Cluster, Deployment } from './index.ts';

/** Opens the engine for a deployment, as the operator's machine would; `kubeconfig` leads it to the API server by another way. */
export const openEngine = ({ env }: Cluster, { namespace, clone }: Deployment, kubeconfig = env.KUBECONFIG) => {
	const host = new LocalHost({ env: { ...process.env, ...env, KUBECONFIG: kubeconfig } });
	const engine = createKubernetesEngine(host, {
		project: namespace,
		directory: clone,
		kubernetes: { namespace },
	});
	return { engine, [Symbol.asyncDispose]: () => host.close() };
};
