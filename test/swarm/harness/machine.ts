import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childrenOf, startedWith } from '../../helpers/proc.ts';
import { waitFor } from '../../lab/processes.ts';
import type { Node } from '../../nodes/node.ts';
import type { Sshd } from '../../ssh/sshd.ts';
import { startWithOwnState } from '../../ssh/with-own-state.ts';

/** A node that is reached by SSH, with its own Docker and its own records of runs. */
export interface Machine {
	readonly node: Node;
	readonly destination: string;
	/** Ends all that is on it, as a power cut does: its SSH server, its runs, its engine. */
	lose(): Promise<void>;
}

/** Several managers, each a machine. */
export interface Machines {
	readonly all: readonly Machine[];
	/** The options of a place that names all of them, in this order. */
	readonly options: { readonly host: string; readonly state: string; readonly target: string };
	stop(): Promise<void>;
}

const killAll = (pids: readonly number[]): void => {
	for (const pid of pids) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// It has ended by itself.
		}
	}
};

const treeOf = (pid: number): readonly number[] => [pid, ...childrenOf(pid).flatMap(treeOf)];

interface Started {
	readonly sshd: Sshd;
	readonly machine: Machine;
	stop(): Promise<void>;
}

/** Starts an SSH server for a node, with records of its own. */
const startMachine = async (folder: string, state: string, node: Node): Promise<Started> => {
	const setting = `DOCKER_HOST=unix://${node.socket}`;
	const sshd = await startWithOwnState(folder, state, node.name, [`SetEnv SHLVL=1 ${setting}`]);
	let isLost = false;
	return {
		sshd,
		// A server that was killed ends no more.
		stop: async () => (isLost ? rmSync(sshd.folder, { recursive: true, force: true }) : sshd.stop()),
		machine: {
			node,
			destination: sshd.destination,
			lose: async () => {
				isLost = true;
				killAll(treeOf(sshd.pid));
				// One that starts another meanwhile would leave that one.
				const rest = () => startedWith(setting);
				await waitFor(() => {
					killAll(rest());
					return rest().length === 0;
				}, 10_000);
				await node.kill();
			},
		},
	};
};

/** Makes machines of nodes. */
export const startMachines = async (nodes: readonly Node[]): Promise<Machines> => {
	const folder = mkdtempSync(join(tmpdir(), 'backout-machines-'));
	const state = join(folder, 'state');
	mkdirSync(state, { mode: 0o700 });
	const started: Started[] = [];
	for (const node of nodes) {
		started.push(await startMachine(folder, state, node));
	}
	const [first, ...others] = started;
	if (first === undefined) {
		throw new Error('no node was given');
	}
	// One key opens all of them.
	for (const { sshd } of others) {
		await sshd.authorise(first.sshd.identity);
		appendFileSync(first.sshd.knownHosts, readFileSync(sshd.knownHosts));
	}
	// The folder of the first server goes when that is stopped.
	const [identity, knownHosts] = [join(folder, 'id'), join(folder, 'known_hosts')];
	writeFileSync(identity, readFileSync(first.sshd.identity), { mode: 0o600 });
	writeFileSync(knownHosts, readFileSync(first.sshd.knownHosts));
	return {
		all: started.map(({ machine }) => machine),
		options: {
			host: `[${started.map(({ machine }) => machine.destination).join(', ')}]`,
			state,
			target: `    identityFile: ${identity}\n    knownHosts: ${knownHosts}\n`,
		},
		stop: async () => {
			await Promise.all(started.map(({ stop }) => stop()));
			rmSync(folder, { recursive: true, force: true });
		},
	};
};
