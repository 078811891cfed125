import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, inject } from 'vitest';
import { openPlace, type Place, type PlaceOptions } from '../../nodes/place.ts';
import { type Cluster, joinCluster, type OwnCluster, startCluster } from './cluster.ts';
import { createDeployment, type Deployment } from './deployment.ts';
import { clusterMissing } from './programs.ts';
import { sharedKubeconfig } from './shared-cluster.ts';

export type { Cluster, OwnCluster } from './cluster.ts';
export type { Deployment, Pod, Settings } from './deployment.ts';

/** The reason why no cluster can run here; undefined when one can. */
export const withoutCluster: string | undefined = await clusterMissing();

interface OperatorOptions extends PlaceOptions {
	/** The workloads of the deployment. Default: all of its namespace. */
	readonly selector?: string;
	/** Of whom the operator is in the cluster. Default: somebody who may do everything. */
	readonly token?: string;
}

interface WithDeployments<Of extends Cluster> {
	readonly cluster: Of;
	/** Makes a namespace for a deployment, which is removed after the test. */
	readonly openDeployment: () => Promise<Deployment>;
	/** Opens an operator's machine for a deployment, which is removed after the test. */
	readonly openFor: (deployment: Deployment, options?: OperatorOptions) => Place;
}

/** Makes a test on a cluster. */
const on = <Of extends Cluster>(open: () => Promise<Of>, close: (cluster: Of) => Promise<void>) =>
	base.extend<WithDeployments<Of>>({
		cluster: [
			// biome-ignore lint/correctness/noEmptyPattern: vitest reads which fixtures a fixture needs from this pattern
			async ({}, use) => {
				const cluster = await open();
				await use(cluster);
				await close(cluster);
			},
			{ scope: 'file' },
		],
		openDeployment: async ({ cluster }, use) => {
			const made: Deployment[] = [];
			await use(async () => {
				const deployment = await createDeployment(cluster);
				made.push(deployment);
				return deployment;
			});
			for (const deployment of made) {
				await deployment.remove();
			}
		},
		openFor: async ({ cluster }, use) => {
			const places: Place[] = [];
			await use(({ namespace, clone }, { selector, token, ...options } = {}) => {
				const chosen = selector === undefined ? '' : `, selector: '${selector}'`;
				const lines = `kubernetes: { namespace: ${namespace}${chosen} }`;
				const place = openPlace(
					{ engine: 'kubernetes', deployment: lines, clone, env: cluster.env, deadline: '4m' },
					options,
				);
				places.push(place);
				if (token !== undefined) {
					const file = join(place.folder, 'kubeconfig');
					const admin = readFileSync(cluster.env.KUBECONFIG ?? '', 'utf8');
					writeFileSync(file, admin.replace('admin-token', token), { mode: 0o600 });
					place.env.KUBECONFIG = file;
				}
				return place;
			});
			for (const place of places) {
				place.remove();
			}
		},
	});

/** A test on the cluster that all files share: it may not break it. */
export const kubernetesTest = on<Cluster>(
	async () => joinCluster(await sharedKubeconfig(inject('cluster'))),
	async () => {},
);

/** A test on a cluster of its file alone. A test that breaks a node or the API server mends it again. */
export const ownClusterTest = on<OwnCluster>(
	() => startCluster({ nodes: 2 }),
	(cluster) => cluster.stop(),
);
