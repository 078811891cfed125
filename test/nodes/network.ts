import { randomInt } from 'node:crypto';
import { exec, must } from '../lab/exec.ts';

/** A bridge in a network namespace of its own, and a namespace for each node that is connected to it: 10.77.0.NUMBER. */
export interface Network {
	/** Makes the namespace of a node. */
	addNode(number: number): Promise<void>;
	/** The path of the namespace, for `nsenter --net`; `ip netns exec` would hide the cgroups. */
	pathOf(number: number): string;
	/**
	 * Connects the namespace of a node with that of this machine, by addresses of this network alone: 10.79.0.0/16 in pieces of four. Returns
	 * the node's; this machine has the one before.
	 */
	linkHere(number: number): Promise<string>;
	/** Makes packets for `to` go from one node by way of another address. */
	addRoute(number: number, to: string, via: string): Promise<void>;
	/** Pulls the plug of a node, or puts it in again. */
	connect(number: number, up: boolean): Promise<void>;
	remove(): Promise<void>;
}

/** The address of a node; each network is its own, so that several can have the same. */
export const addressOf = (number: number): string => `10.77.0.${number}`;

const ip = (...args: string[]) => must('ip', args);

/** A piece of 10.79.0.0/16 that nobody on this machine has; two that look at the same time hardly ever choose the same. */
const freePiece = async (): Promise<number> => {
	const taken = await ip('-o', 'addr');
	for (;;) {
		const piece = randomInt(2 ** 14);
		if (!taken.includes(` ${inPiece(piece, 1)}/`)) {
			return piece;
		}
	}
};

const inPiece = (piece: number, number: number): string => `10.79.${piece >> 6}.${(piece & 63) * 4 + number}`;

/** Makes the bridge. @param name begins the names of its namespaces, at most 200 characters */
export const makeNetwork = async (name: string): Promise<Network> => {
	const middle = `${name}-bridge`;
	const spaces = [middle];
	const spaceOf = (number: number) => `${name}-${number}`;
	await ip('netns', 'add', middle);
	await ip('-n', middle, 'link', 'add', 'middle', 'type', 'bridge');
	await ip('-n', middle, 'link', 'set', 'middle', 'up');
	return {
		addNode: async (number) => {
			const space = spaceOf(number);
			await ip('netns', 'add', space);
			spaces.push(space);
			await ip('-n', space, 'link', 'set', 'lo', 'up');
			const peer = ['peer', 'name', `port${number}`, 'netns', middle];
			await ip('-n', space, 'link', 'add', 'eth0', 'type', 'veth', ...peer);
			await ip('-n', middle, 'link', 'set', `port${number}`, 'master', 'middle', 'up');
			await ip('-n', space, 'addr', 'add', `${addressOf(number)}/24`, 'dev', 'eth0');
			await ip('-n', space, 'link', 'set', 'eth0', 'up');
		},
		pathOf: (number) => `/run/netns/${spaceOf(number)}`,
		linkHere: async (number) => {
			const piece = await freePiece();
			const link = `bo-nodes-${piece}`;
			const peer = ['peer', 'name', 'here', 'netns', spaceOf(number)];
			// It goes with the namespace at its other end.
			await ip('link', 'add', link, 'type', 'veth', ...peer);
			await ip('addr', 'add', `${inPiece(piece, 1)}/30`, 'dev', link);
			await ip('link', 'set', link, 'up');
			await ip('-n', spaceOf(number), 'addr', 'add', `${inPiece(piece, 2)}/30`, 'dev', 'here');
			await ip('-n', spaceOf(number), 'link', 'set', 'here', 'up');
			return inPiece(piece, 2);
		},
		addRoute: async (number, to, via) => {
			await ip('-n', spaceOf(number), 'route', 'add', to, 'via', via);
		},
		connect: async (number, up) => {
			await ip('-n', middle, 'link', 'set', `port${number}`, up ? 'up' : 'down');
		},
		remove: async () => {
			for (const space of spaces) {
				await exec('ip', ['netns', 'delete', space]);
			}
		},
	};
};
