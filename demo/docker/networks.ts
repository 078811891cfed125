import { createHash } from 'node:crypto';
import type { Container } from './types.ts';

export interface Network {
	readonly id: string;
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
}

/** The networks of the simulated engine. A container in a network that no longer exists cannot be started. */
export interface Networks {
	all(): readonly Network[];
	/** Finds one by name, or by the beginning of an id. */
	find(reference: string): Network | undefined;
	/** Returns the one with this name if it exists already. */
	create(name: string, labels: Readonly<Record<string, string>>): Network;
	/** Throws an Error in the words of Docker if it does not exist, or a container runs in it. */
	remove(reference: string): void;
	/** Throws an Error if it does not exist, or the container has no networks of its own. */
	connect(reference: string, container: Container, aliases: readonly string[]): void;
	/** Throws an Error if the container is not in it. `force`: also for a network that no longer exists. */
	disconnect(reference: string, container: Container, force: boolean): void;
	/** Throws an Error if a network of a container does not exist. */
	check(container: Container): void;
}

const idOf = (name: string): string => createHash('sha256').update(`network ${name}`).digest('hex');

export const createNetworks = (containers: () => readonly Container[]): Networks => {
	const networks = new Map<string, Network>();
	const create = (name: string, labels: Readonly<Record<string, string>>): Network => {
		const network = networks.get(name) ?? { id: idOf(name), name, labels };
		networks.set(name, network);
		return network;
	};
	for (const name of ['bridge', 'host', 'none']) {
		create(name, {});
	}
	const find = (reference: string): Network | undefined =>
		networks.get(reference) ??
		(/^[0-9a-f]{4,}$/.test(reference) ? [...networks.values()].find(({ id }) => id.startsWith(reference)) : undefined);
	const need = (reference: string): Network => {
		const network = find(reference);
		if (network === undefined) {
			throw new Error(`network ${reference} not found`);
		}
		return network;
	};
	return {
		all: () => [...networks.values()],
		find,
		create,
		remove: (reference) => {
			const { name, id } = need(reference);
			const user = containers().find((container) => container.status === 'running' && container.networks.has(name));
			if (user !== undefined) {
				throw new Error(`error while removing network: network ${name} id ${id} has active endpoints`);
			}
			networks.delete(name);
		},
		connect: (reference, container, aliases) => {
			const { name } = need(reference);
			if (['host', 'none'].some((own) => container.networks.has(own))) {
				throw new Error(
					'container sharing network namespace with another container or host cannot be connected to any other network',
				);
			}
			container.networks.set(name, [...aliases, container.id.slice(0, 12)]);
		},
		disconnect: (reference, container, force) => {
			const name = force ? (find(reference)?.name ?? reference) : need(reference).name;
			if (!container.networks.delete(name)) {
				throw new Error(`container ${container.id} is not connected to the network ${reference}`);
			}
		},
		check: (container) => {
			for (const name of container.networks.keys()) {
				need(name);
			}
		},
	};
};
