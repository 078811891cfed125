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

interface WithDeployments<Of extends Cluster> {
	readonly cluster: Of;
	/** Makes a namespace for a deployment, which is removed after the test. */
	readonly openDeployment: () => Promise<Deployment>;
	/** Opens an operator's machine for a deployment, which is removed after the test. */
	readonly openFor: (deployment: Deployment, options?: PlaceOptions & { readonly selector?: string }) => Place;
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
			await use(({ namespace, clone }, { selector, ...options } = {}) => {
				const chosen = selector === undefined ? '' : `, selector: '${selector}'`;
				const deployment = `kubernetes: { namespace: ${namespace}${chosen} }`;
				const place = openPlace({ engine: 'kubernetes', deployment, clone, env: cluster.env }, options);
				places.push(place);
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
