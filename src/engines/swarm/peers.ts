import type { OtherHosts } from '../../services/host/other-hosts.ts';
import { createDocker, type Docker } from '../docker/docker.ts';
import { readInfo } from './snapshot.ts';

/** Time for which it is believed which nodes the other hosts are, ms. */
const knownMs = 60_000;

/** The Docker of a node, or the reason why it is not reached. */
export type Peer = { readonly docker: Docker } | { readonly why: string };

/** The nodes besides the one that answers for the swarm, as far as they are hosts or workers of the target. */
export interface Peers {
	/** Finds the node with this id. Rejects only with the signal's reason. */
	find(node: string, signal?: AbortSignal): Promise<Peer>;
}

/** Asks the other hosts and the workers of a target which nodes they are; undefined: it has none. */
export const createPeers = (others: OtherHosts | undefined): Peers => {
	const dockers = new WeakMap<object, Docker>();
	const ask = async (hosts: OtherHosts) => {
		const { read, missing } = await hosts.askNodes(async (host, until) => {
			const docker = dockers.get(host) ?? createDocker(host);
			dockers.set(host, docker);
			return { node: (await readInfo(docker, until)).Swarm?.NodeID, docker };
		});
		const nodes = new Map(read.map(({ value: { node, docker } }) => [node, docker]));
		const unread = missing.map(({ host, reason }) => `${host}: ${reason}`).join('; ');
		return {
			nodes,
			why: `it is no host of this target and none of its workers${unread === '' ? '' : `, or one that is not reached (${unread})`}`,
		};
	};
	let known: { readonly at: number; readonly answer: ReturnType<typeof ask> } | undefined;
	return {
		find: async (node, signal) => {
			if (others === undefined) {
				return { why: 'the target names no other node: add it to workers' };
			}
			if (known === undefined || performance.now() - known.at > knownMs) {
				known = { at: performance.now(), answer: ask(others) };
			}
			const { nodes, why } = await known.answer;
			signal?.throwIfAborted();
			const docker = nodes.get(node);
			return docker === undefined ? { why } : { docker };
		},
	};
};
