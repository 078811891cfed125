import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importBase } from '../../engine/harness/base-image.ts';
import { crashes, dockerfile, serves } from '../../engine/harness/files.ts';
import { textOf } from '../../helpers/proc.ts';
import { exec, must } from '../../lab/exec.ts';
import { waitFor } from '../../lab/processes.ts';
import { addressOf, makeNetwork } from './network.ts';
import { makeNode, type Node } from './node.ts';

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
const roomBytes = 2 * 1024 ** 3;

/** Images and containers are in memory where there is room. */
const memoryFolder = (folder: string): string => {
	if (!existsSync('/dev/shm')) {
		return folder;
	}
	const { bavail, bsize } = statfsSync('/dev/shm');
	return bavail * bsize > roomBytes ? '/dev/shm' : folder;
};

/** The images of the tests: `app` in two good versions, and one that ends at once. */
export const image = (version: '1' | '2' | '3' | 'bad'): string => `backout-test/app:${version}`;

/** Makes the images on one node and loads them on the others: no registry is here. */
const makeImages = async (nodes: readonly Node[], folder: string): Promise<void> => {
	const [first, ...others] = nodes;
	if (first === undefined) {
		return;
	}
	await importBase(first.env, folder);
	const versions = ['1', '2', '3', 'bad'] as const;
	const context = join(folder, 'image');
	await must('mkdir', ['-p', context]);
	for (const version of versions) {
		writeFileSync(join(context, 'Dockerfile'), dockerfile(version));
		writeFileSync(join(context, 'app.sh'), version === 'bad' ? crashes : serves);
		await must('docker', ['build', '-q', '-t', image(version), context], {
			env: { ...first.env, DOCKER_BUILDKIT: '0' },
		});
	}
	const saved = join(folder, 'images.tar');
	await first.docker('save', '-o', saved, ...versions.map(image));
	await Promise.all(others.map((node) => node.docker('load', '-q', '-i', saved)));
	rmSync(saved);
};

/** Takes away what tests that were killed have left: the process that started it is gone. */
const removeOrphans = async (): Promise<void> => {
	for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
		const owner = textOf(join(tmpdir(), name, 'owner')).trim();
		if (owner === '' || existsSync(`/proc/${owner}`)) {
			continue;
		}
		for (const pidFile of ['docker.pid', 'exec/containerd/containerd.pid']) {
			for (const node of readdirSync(join(tmpdir(), name)).filter((entry) => /^n\d$/.test(entry))) {
				const pid = Number(textOf(join(tmpdir(), name, node, 'docker', pidFile)));
				if (pid > 1 && textOf(`/proc/${pid}/cmdline`).includes(name)) {
					process.kill(pid, 'SIGKILL');
				}
			}
		}
		const spaces = await exec('ip', ['netns', 'list']);
		for (const [space] of spaces.stdout.matchAll(/^\S+/gm)) {
			if (space.startsWith(name)) {
				await exec('ip', ['netns', 'delete', space]);
			}
		}
		await exec('sh', ['-c', 'mount | grep -F "$1" | cut -d " " -f 3 | sort -r | xargs -r umount -l', 'sh', name]);
		for (const left of [tmpdir(), '/dev/shm'].filter(existsSync)) {
			for (const entry of readdirSync(left).filter((one) => one.startsWith(name))) {
				rmSync(join(left, entry), { recursive: true, force: true });
			}
		}
	}
};

const joinSwarm = async (manager: Node, node: Node, role: 'manager' | 'worker'): Promise<void> => {
	const address = addressOf(node.number);
	const token = await manager.docker('swarm', 'join-token', '-q', role);
	const here = ['--advertise-addr', address, '--listen-addr', `${address}:2377`];
	await node.docker('swarm', 'join', '--token', token, ...here, `${addressOf(manager.number)}:2377`);
};

/** Starts a Swarm with the images of the tests on each node: three to five seconds. */
export const startSwarm = async ({ managers, workers }: SwarmSize): Promise<Swarm> => {
	await removeOrphans();
	const folder = mkdtempSync(join(tmpdir(), prefix));
	writeFileSync(join(folder, 'owner'), `${process.pid}\n`);
	const network = await makeNetwork(folder.slice(folder.lastIndexOf('/') + 1));
	const nodes: Node[] = [];
	const stop = async () => {
		await Promise.all(nodes.map((node) => node.stop()));
		await network.remove();
		rmSync(folder, { recursive: true, force: true });
	};
	try {
		for (let number = 1; number <= managers + workers; number += 1) {
			nodes.push(await makeNode(network, number, folder, memoryFolder(folder)));
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
