import type { Usage } from '../../engine/instance.ts';
import { BackoutError } from '../../runbook/errors.ts';
import { sleep } from '../../services/host/sleep.ts';
import type { Docker } from '../docker/docker.ts';
import { containerHere } from './describe.ts';
import { nodeName } from './nodes.ts';
import type { Peers } from './peers.ts';
import type { Snapshot } from './snapshot.ts';
import type { ShownTask } from './tasks.ts';

/** Interval between two samples where each is asked for, ms. */
const sampleMs = 2000;

/** Says why the usage of a task is not read; undefined where it is. */
export const whyNoUsage = async (
	{ task, node }: ShownTask,
	snapshot: Snapshot,
	peers: Peers,
	signal?: AbortSignal,
): Promise<string | undefined> => {
	if (task.NodeID === snapshot.here || task.NodeID === undefined) {
		return undefined;
	}
	const peer = await peers.find(task.NodeID, signal);
	return 'why' in peer
		? `they are read on its node only, ${nodeName(node) ?? task.NodeID}, and ${peer.why}`
		: undefined;
};

/** Yields the usage of a task, read where its container is. Rejects with the reason where that node is not reached. */
export async function* readUsage(
	{ docker, peers }: { readonly docker: Docker; readonly peers: Peers },
	shown: ShownTask | undefined,
	snapshot: Snapshot,
	options: { readonly once?: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<Usage, void, undefined> {
	const here = shown && containerHere(shown, snapshot);
	if (here !== undefined) {
		yield* docker.stats(here, options);
		return;
	}
	const { NodeID: node = '', Status: status } = shown?.task ?? {};
	const container = status?.ContainerStatus?.ContainerID;
	const peer = await peers.find(node, options.signal);
	if ('why' in peer || !container) {
		const where = nodeName(shown?.node) ?? 'another node';
		const why = 'why' in peer ? peer.why : 'it has no container there';
		throw new BackoutError('failed', `the usage of a task is read on its node only, ${where}, and ${why}`, {
			host: docker.host.name,
		});
	}
	if (options.once === true || peer.docker.streams()) {
		yield* peer.docker.stats(container, options);
		return;
	}
	// A stream would take one of the few sessions of that host.
	while (options.signal?.aborted !== true) {
		yield* peer.docker.stats(container, { ...options, once: true });
		await sleep(sampleMs, options.signal ?? new AbortController().signal);
	}
}
