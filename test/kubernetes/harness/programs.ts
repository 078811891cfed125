import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { engineMissing } from '../../engine/harness/engine.ts';

/** The version that Debian 12 has the source of. */
export const version = '1.20.2';

/** Where `build.sh` puts the programs of a cluster, unless `KUBERNETES_PROGRAMS` names another folder. */
export const programs = process.env.KUBERNETES_PROGRAMS ?? join(homedir(), '.cache', 'backout-kubernetes', version);

export type Program = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet' | 'kubectl';

export const programOf = (name: Program): string => join(programs, name);

const needed: readonly Program[] = [
	'kube-apiserver',
	'kube-controller-manager',
	'kube-scheduler',
	'kubelet',
	'kubectl',
];

/** The reason why no cluster can run here; undefined when one can. */
export const clusterMissing = async (): Promise<string | undefined> => {
	const engine = await engineMissing();
	if (engine !== undefined) {
		return engine;
	}
	const missing = needed.find((name) => !existsSync(programOf(name)));
	if (missing !== undefined) {
		return `${programOf(missing)} is missing: build it with test/kubernetes/harness/build.sh ${programs}`;
	}
	for (const [file, name] of [
		['/usr/bin/etcd', 'etcd-server'],
		['/usr/bin/jq', 'jq'],
		['/usr/bin/nsenter', 'util-linux'],
	] as const) {
		if (!existsSync(file)) {
			return `${file} is not installed (Debian: ${name})`;
		}
	}
	return undefined;
};
