import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { must } from '../../lab/exec.ts';
import { waitFor } from '../../lab/processes.ts';
import { makeFolder, memoryFolder, removeOrphans } from '../../nodes/folders.ts';
import { makeImages } from '../../nodes/images.ts';
import { addressOf, makeNetwork } from '../../nodes/network.ts';
import { makeNode, type Node } from '../../nodes/node.ts';
import { type ControlPlane, makeControlPlane } from './control-plane.ts';
import type { Daemon } from './daemon.ts';
import { engineWords, makeKubelet, podsOf } from './kubelet.ts';
import { programOf, programs } from './programs.ts';

/** A Kubernetes cluster of real programs. */
export interface Cluster {
	/** The environment of a person who works on it: `kubectl` and whom it asks. */
	readonly env: Record<string, string | undefined>;
	/** Calls `kubectl`, and returns what it prints. Throws when it fails. */
	kubectl(...args: string[]): Promise<string>;
}

/** A cluster that may be broken. */
export interface OwnCluster extends Cluster {
	readonly nodes: readonly Node[];
	readonly control: ControlPlane;
	stop(): Promise<void>;
}

const prefix = 'backout-kubernetes-';

/** A node with its kubelet: both start, die and end together. */
const withKubelet = (node: Node, kubelet: Daemon): Node => {
	return {
		...node,
		start: async () => {
			await node.start();
			kubelet.start();
		},
		kill: async () => {
			await kubelet.kill();
			await node.kill();
		},
		stop: async () => {
			await kubelet.stop();
			await node.stop();
		},
	};
};

/** A cluster that runs. */
export const joinCluster = (kubeconfig: string): Cluster => {
	const env = {
		PATH: `${programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
		KUBECONFIG: kubeconfig,
		GIT_CONFIG_GLOBAL: '/dev/null',
		LC_ALL: 'C.UTF-8',
		GOMAXPROCS: '1',
	};
	return { env, kubectl: (...args) => must(programOf('kubectl'), args, { env, timeout: 60_000 }) };
};

/** Starts a cluster with the images of the tests on each node: about half a minute. */
export const startCluster = async ({ nodes: count }: { readonly nodes: number }): Promise<OwnCluster> => {
	await removeOrphans(prefix);
	const folder = makeFolder(prefix);
	const name = basename(folder);
	const memory = memoryFolder(folder);
	const network = await makeNetwork(name);
	const store = join(memory, `${name}-store`);
	const control = await makeControlPlane(network, join(folder, 'control'), store);
	const nodes: Node[] = [];
	const stop = async () => {
		await Promise.all(nodes.map((node) => node.stop()));
		await control.stop();
		await network.remove();
		for (const one of [store, folder]) {
			rmSync(one, { recursive: true, force: true });
		}
	};
	const cluster = joinCluster(control.kubeconfig);
	try {
		const started = control.start();
		const bare: Node[] = [];
		const kubelets: Daemon[] = [];
		for (let number = 1; number <= count; number += 1) {
			const node = await makeNode(network, number, { folder, memory, engine: engineWords(number) });
			bare.push(node);
			const kubelet = await makeKubelet(network, node, join(folder, 'control', 'inside.yaml'));
			kubelets.push(kubelet);
			nodes.push(withKubelet(node, kubelet));
		}
		for (const one of [...bare.map((node) => node.number), control.number]) {
			for (const other of bare.filter((node) => node.number !== one)) {
				await network.addRoute(one, podsOf(other.number), addressOf(other.number));
			}
		}
		await Promise.all(bare.map((node) => node.start()));
		await makeImages(bare, folder);
		await started;
		for (const kubelet of kubelets) {
			kubelet.start();
		}
		await allReady(cluster, nodes);
		return { ...cluster, nodes, control, stop };
	} catch (error) {
		await stop().catch(() => {});
		throw error;
	}
};

/** Waits until all nodes are ready and pods can be made. */
const allReady = async ({ kubectl }: Cluster, nodes: readonly Node[]): Promise<void> => {
	const condition = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
	let said = '';
	const ready = async () => {
		said = await kubectl('get', 'nodes', '-o', `jsonpath=${condition}`).catch(String);
		return said.split('\n').filter((line) => line === 'True').length === nodes.length;
	};
	if (!(await waitFor(ready, 240_000, 500))) {
		throw new Error(`the nodes do not become ready: ${said}`);
	}
};
