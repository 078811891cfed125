import { BackoutError, messageOf } from '../../runbook/errors.ts';
import { orAbort } from '../../services/host/sleep.ts';
import type { Docker } from '../docker/docker.ts';
import { stackLabel } from './names.ts';
import type { RawInfo, RawNode, RawService, RawTask } from './raw.ts';

/** A stack at one moment, as the managers know it. */
export interface Snapshot {
	readonly services: readonly RawService[];
	/** The tasks, with the history that the engine keeps: by default the last five of each slot. */
	readonly tasks: readonly RawTask[];
	readonly nodes: readonly RawNode[];
	/** Id of the node that answers. */
	readonly here: string;
}

export interface SnapshotReader {
	/** Reads a snapshot; the requests begin after the call. Calls made at the same moment share them. */
	read(signal?: AbortSignal): Promise<Snapshot>;
	/** Returns the last snapshot if it is younger than this, ms; otherwise reads one. */
	recent(maxAgeMs: number, signal?: AbortSignal): Promise<Snapshot>;
	/** Returns the last snapshot, however old. */
	last(): Snapshot | undefined;
}

/** Messages of an engine that cannot answer for the swarm (moby, daemon/cluster): it is a worker, in no swarm, or the managers are too few. */
const noManager = /not a swarm manager|not part of a swarm/i;
const noLeader = /does not have a leader|too few managers|context deadline exceeded|no leader/i;

/** Returns an error that says what an operator can do about the swarm. */
const explained = (error: unknown, host: string): unknown => {
	const said = messageOf(error);
	return noManager.test(said)
		? new BackoutError('failed', 'Docker on the host is no manager of a swarm, so it does not know what runs', {
				host,
				next: 'Set host of this target to a manager: docker node ls on one of them lists all.',
				cause: error,
			})
		: noLeader.test(said)
			? new BackoutError('failed', 'the managers of the swarm have no leader, so none of them knows what runs', {
					host,
					next: 'Bring back managers until more than half of them answer: docker node ls.',
					cause: error,
				})
			: error;
};

/** Reads what `GET /info` says of the swarm. */
export const readInfo = (docker: Docker, signal?: AbortSignal): Promise<RawInfo> =>
	docker.ask('cannot ask for the swarm', async (client) => (await client.json('info', { signal })) as RawInfo, signal);

/** Reads the stack of this name, by way of the manager that the host is. */
export const createSnapshotReader = (docker: Docker, stack: string): SnapshotReader => {
	let newest: { readonly snapshot: Snapshot; readonly at: number } | undefined;
	let here: string | undefined;
	let waiting: Promise<Snapshot> | undefined;
	const filters = JSON.stringify({ label: [`${stackLabel}=${stack}`] });

	const ask = async (): Promise<Snapshot> => {
		const at = performance.now();
		try {
			const [services, tasks, nodes, node] = await docker.ask('cannot read the stack', (client) =>
				Promise.all([
					client.json('services', { query: { filters, status: 'true' } }) as Promise<RawService[]>,
					client.json('tasks', { query: { filters } }) as Promise<RawTask[]>,
					client.json('nodes') as Promise<RawNode[]>,
					here ?? client.json('info').then((info) => (info as RawInfo).Swarm?.NodeID ?? ''),
				]),
			);
			here = node;
			const snapshot = { services, tasks, nodes, here: node };
			newest = { snapshot, at };
			return snapshot;
		} catch (error) {
			here = undefined;
			docker.host.passOn?.(messageOf(error));
			throw explained(error, docker.host.name);
		}
	};

	const read = (signal?: AbortSignal): Promise<Snapshot> => {
		signal?.throwIfAborted();
		if (waiting === undefined) {
			const mine = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
				waiting = undefined;
				return ask();
			});
			// Whoever waits for it may have given up.
			mine.catch(() => {});
			waiting = mine;
		}
		return orAbort(waiting, signal);
	};

	return {
		read: async (signal) => read(signal),
		recent: async (maxAgeMs, signal) =>
			newest !== undefined && performance.now() - newest.at < maxAgeMs ? newest.snapshot : read(signal),
		last: () => newest?.snapshot,
	};
};
