import type { Engine, EngineTerms } from '../../engine/engine.ts';
import type { SocketMemory } from '../../engine/socket-memory.ts';
import { messageOf } from '../../runbook/errors.ts';
import type { Target } from '../../runbook/runbook.ts';
import type { Host } from '../../services/host/host.ts';
import type { OtherHosts } from '../../services/host/other-hosts.ts';
import { createDocker } from '../docker/docker.ts';
import { createIdentity } from './deployment.ts';
import { describeTask, shellInTask } from './describe.ts';
import { createDesired } from './desired.ts';
import { createTaskEvents } from './events.ts';
import { readKept } from './kept.ts';
import { readTaskLog } from './logs.ts';
import { byDigest } from './names.ts';
import { nodesOf } from './nodes.ts';
import { createPeers } from './peers.ts';
import { rolloutsOf } from './rollouts.ts';
import { readSharedLock } from './shared-lock.ts';
import { swarmShell } from './shell.ts';
import { createSnapshotReader, type Snapshot } from './snapshot.ts';
import { hasEnded, shownTasks, toSummary } from './tasks.ts';
import { readUsage, whyNoUsage } from './usage.ts';

/** Maximum age of what should run for a caller that does not say, ms. */
const desiredAgeMs = 5000;

const termsOf = (stack: string): EngineTerms => {
	const named = (services: readonly string[]) => services.map((service) => `${stack}_${service}`).join(' ');
	const list = `docker stack ps ${stack} --no-trunc`;
	return {
		name: 'Docker Swarm',
		asks: {
			instances: (services) => (services === undefined ? list : `docker service ps --no-trunc ${named(services)}`),
			desired: () => `${list}; docker stack services ${stack}`,
			images: (services) => `docker service inspect ${named(services)}: their images`,
			logs: (service) => `docker service logs ${stack}_${service}`,
		},
	};
};

/**
 * Docker Swarm, by way of a manager, for one stack. An instance is a task. Finds a transport to Docker at the first call.
 *
 * @param others the other hosts of the target, of which the usage of their tasks is read
 */
export const createSwarmEngine = (
	host: Host,
	{ project: stack, directory }: Pick<Target, 'project' | 'directory'>,
	memory?: SocketMemory,
	others?: OtherHosts,
): Engine => {
	const docker = createDocker(host, memory);
	const peers = createPeers(others);
	const reader = createSnapshotReader(docker, stack);
	const identify = createIdentity(docker, reader, stack);
	const desiredIn = createDesired(stack);
	let desiredSince = Number.NEGATIVE_INFINITY;
	const find = (snapshot: Snapshot, id: string) => shownTasks(snapshot, stack).find(({ task }) => task.ID === id);
	return {
		kind: 'swarm',
		project: stack,
		terms: termsOf(stack),
		shell: swarmShell,
		clock: docker.clock,
		list: async (signal) => shownTasks(await reader.read(signal), stack).map(toSummary),
		inspect: async (id, signal) => find(await reader.read(signal), id)?.instance,
		describe: async (id, signal) => {
			const snapshot = await reader.read(signal);
			const shown = find(snapshot, id);
			if (shown === undefined) {
				return undefined;
			}
			const [described, noUsage] = await Promise.all([
				describeTask(docker, shown, snapshot, signal),
				whyNoUsage(shown, snapshot, peers, signal),
			]);
			return { ...described, ...(noUsage !== undefined && { noUsage }) };
		},
		image: async (id, signal) => {
			const image = await docker.inspectImage(byDigest(id), signal);
			return image && { ...image, id };
		},
		shellIn: (id) => shellInTask(id, host.programs),
		events: createTaskEvents(docker, reader, stack),
		usage: async function* (id, options) {
			const snapshot = await reader.recent(10_000, options.signal);
			yield* readUsage({ docker, peers }, find(snapshot, id), snapshot, options);
		},
		// Control groups are those of one host, and the tasks are on all nodes.
		usageOfAll: async function* () {},
		logs: async function* (id, options) {
			const tty = options.tty ?? find(await reader.recent(10_000, options.signal), id)?.instance.tty ?? false;
			yield* readTaskLog(docker, id, { ...options, tty }, async (signal) => {
				const { tasks } = await reader.recent(1000, signal);
				return hasEnded(tasks.find(({ ID }) => ID === id));
			});
		},
		streams: docker.streams,
		desired: async ({ signal, maxAgeMs = desiredAgeMs } = {}) => {
			try {
				const age = Math.min(maxAgeMs, performance.now() - desiredSince);
				return desiredIn(await reader.recent(age, signal));
			} catch (error) {
				signal?.throwIfAborted();
				return { project: stack, unreadable: messageOf(error) };
			}
		},
		forgetDesired: () => {
			desiredSince = performance.now();
		},
		deployment: async (options) => {
			const { services: _, ...identity } = await identify(options);
			return identity;
		},
		planChanges: async (question) => {
			// Loaded on demand: most commands plan nothing.
			const { planStack } = await import('./plan.ts');
			return planStack(host, directory, await identify({ signal: question.signal }), reader, question);
		},
		readKept: (notes) => readKept(notes, stack),
		nodes: async (signal) => nodesOf(await reader.read(signal)),
		rollouts: async (signal) => rolloutsOf(await reader.read(signal), stack),
		lockedElsewhere: (signal) => readSharedLock(docker, stack, signal),
		reach: async (signal) => {
			const { kind, reason } = await docker.ready(signal);
			return { isDirect: kind === 'socket', reason };
		},
	};
};
