import { rmSync } from 'node:fs';
import { exec } from '../../lab/exec.ts';
import { waitFor } from '../../lab/processes.ts';
import { makeFolder, memoryFolder, removeOrphans } from '../../nodes/folders.ts';
import { makeImages } from '../../nodes/images.ts';
import { addressOf, makeNetwork } from '../../nodes/network.ts';
import { makeNode, type Node } from '../../nodes/node.ts';

export { image } from '../../nodes/images.ts';

export interface SwarmSize {
	readonly managers: number;
	readonly workers: number;
}

/** A Swarm of real engines. The first node is a manager, and leads at first. */
export interface Swarm {
	readonly nodes: readonly Node[];
	/** The first manager: the target's host. */
	readonly manager: Node;
	/** The node that leads now, by what the managers say. */
	leader(): Promise<Node>;
	stop(): Promise<void>;
}

const prefix = 'backout-swarm-';

const joinSwarm = async (manager: Node, node: Node, role: 'manager' | 'worker'): Promise<void> => {
	const address = addressOf(node.number);
	const token = await manager.docker('swarm', 'join-token', '-q', role);
	const here = ['--advertise-addr', address, '--listen-addr', `${address}:2377`];
	await node.docker('swarm', 'join', '--token', token, ...here, `${addressOf(manager.number)}:2377`);
};

/** Starts a Swarm with the images of the tests on each node: three to five seconds. */
export const startSwarm = async ({ managers, workers }: SwarmSize): Promise<Swarm> => {
	await removeOrphans(prefix);
	const folder = makeFolder(prefix);
	const network = await makeNetwork(folder.slice(folder.lastIndexOf('/') + 1));
	const nodes: Node[] = [];
	const stop = async () => {
		await Promise.all(nodes.map((node) => node.stop()));
		await network.remove();
		rmSync(folder, { recursive: true, force: true });
	};
	try {
		for (let number = 1; number <= managers + workers; number += 1) {
			nodes.push(await makeNode(network, number, { folder, memory: memoryFolder(folder) }));
		}
		await Promise.all(nodes.map((node) => node.start()));
		const [manager, ...others] = nodes;
		if (manager === undefined) {
			throw new Error('a Swarm has at least one node');
		}
		const images = makeImages(nodes, folder);
		const here = ['--advertise-addr', addressOf(1), '--listen-addr', `${addressOf(1)}:2377`];
		await manager.docker('swarm', 'init', '--default-addr-pool', '10.78.0.0/16', ...here);
		for (const [index, node] of others.entries()) {
			await joinSwarm(manager, node, index < managers - 1 ? 'manager' : 'worker');
		}
		await images;
		return { nodes, manager, leader: () => leaderOf(nodes), stop };
	} catch (error) {
		await stop().catch(() => {});
		throw error;
	}
};

/** Asks one manager after the other who leads; waits while an election goes on, at most half a minute. */
const leaderOf = async (nodes: readonly Node[]): Promise<Node> => {
	let found: Node | undefined;
	await waitFor(async () => {
		for (const node of nodes) {
			const format = '{{if eq .ManagerStatus "Leader"}}{{.Hostname}}{{end}}';
			const said = await exec('docker', ['node', 'ls', '--format', format], { env: node.env, timeout: 5000 });
			found = nodes.find(({ name }) => said.code === 0 && said.stdout.trim() === name);
			if (found !== undefined) {
				return true;
			}
		}
		return false;
	}, 30_000);
	if (found === undefined) {
		throw new Error('no manager says who leads');
	}
	return found;
};
