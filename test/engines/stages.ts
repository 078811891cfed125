import type { Container } from '../../demo/docker/types.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createKubernetesEngine } from '../../src/engines/kubernetes/engine.ts';
import { createSwarmEngine } from '../../src/engines/swarm/engine.ts';
import type { RawTask } from '../../src/engines/swarm/raw.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';
import { openPlayedEngine } from '../logs/played-engine.ts';
import { type ApiObject, ago, deploymentOf, openPlayedCluster, podOf, statusOf } from './kubernetes/played-cluster.ts';
import { openPlayedSwarm, serviceOf, stamp, taskOf } from './swarm/played-swarm.ts';

/** An engine with what a test makes happen on it. */
export interface Stage {
	readonly engine: Engine;
	/** Starts an instance of a service; gives its id. */
	run(service: string): Promise<string>;
	write(id: string, text: string): void;
	/** Ends an instance, which stays. */
	end(id: string): Promise<void>;
	remove(id: string): void;
	/** The name that the engine gives the first instance of a service. */
	nameOf(service: string): string;
	/** Stops the engine from responding. */
	break(): void;
	close(): Promise<void>;
}

/** Compose, with Docker's API played by the demo. */
export const openCompose = async (): Promise<Stage> => {
	const played = await openPlayedEngine();
	const containers = new Map<string, Container>();
	const of = (id: string) => containers.get(id) as Container;
	return {
		engine: played.compose.engine,
		run: async (service) => {
			const container = await played.run(service);
			containers.set(container.id, container);
			return container.id;
		},
		write: (id, text) => of(id).log.write(text),
		end: async (id) => {
			await played.engine.stop(of(id));
		},
		remove: (id) => played.engine.remove(of(id)),
		nameOf: (service) => `app-${service}-1`,
		break: played.break,
		close: played.close,
	};
};

/** Swarm, with the Engine API of a manager played. */
export const openSwarm = async (): Promise<Stage> => {
	const played = await openPlayedSwarm();
	const host = new LocalHost({ env: { ...process.env, DOCKER_HOST: `unix://${played.socket}` } });
	const change = (id: string, more: (task: RawTask) => Partial<RawTask>) => {
		played.tasks = played.tasks.map((task) => (task.ID === id ? { ...task, ...more(task) } : task));
		played.tell({ Type: 'node' });
	};
	return {
		engine: createSwarmEngine(host, { project: 'app', directory: '/' }),
		run: async (service) => {
			const id = `${service}0task`;
			const made = serviceOf(service);
			played.services = [...played.services, made];
			played.tasks = [...played.tasks, taskOf(id, made)];
			played.tell({ Type: 'node' });
			return id;
		},
		write: (id, text) => {
			played.logs.set(id, [...(played.logs.get(id) ?? []), { at: stamp(), text }]);
			played.tell();
		},
		end: async (id) =>
			change(id, () => ({
				DesiredState: 'shutdown',
				Status: {
					Timestamp: stamp(),
					State: 'complete',
					ContainerStatus: { ContainerID: `c-${id}`, ExitCode: 0 },
				},
			})),
		remove: (id) => {
			played.tasks = played.tasks.filter(({ ID }) => ID !== id);
			played.tell({ Type: 'node' });
		},
		nameOf: (service) => `app_${service}.1`,
		break: played.break,
		close: async () => {
			await host.close();
			await played.close();
		},
	};
};

/** Kubernetes, with kubectl played. A pod that ends is one that is not started again. */
export const openKubernetes = async (): Promise<Stage> => {
	const played = openPlayedCluster();
	const host = new LocalHost({ env: { ...process.env, ...played.environment } });
	const objects = new Map<string, readonly ApiObject[]>();
	const put = (id: string, made: readonly ApiObject[]) => {
		objects.set(id, made);
		played.put([...objects.values()].flat());
	};
	const podNamed = (service: string, state: object) =>
		podOf(`${service}-hash-1`, service, {
			spec: { nodeName: 'one', restartPolicy: 'Never', containers: [{ name: 'main', image: 'app:1' }] },
			status: { phase: 'Running', containerStatuses: [statusOf(state)] },
		});
	put('none', []);
	return {
		engine: createKubernetesEngine(host, { project: 'app', directory: '/', kubernetes: { namespace: 'app' } }),
		run: async (service) => {
			const pod = podNamed(service, { running: { startedAt: ago(1000) } });
			put(pod.metadata.uid, [...deploymentOf(service), pod]);
			played.set('metrics', metricsOf([...objects.values()].flat()));
			return pod.metadata.uid;
		},
		write: (id, text) => played.write(id.slice(2), `${stamp()} ${text}`),
		end: async (id) => {
			const [service = ''] = id.slice(2).split('-');
			const times = { startedAt: ago(1000), finishedAt: ago() };
			put(id, [
				...deploymentOf(service),
				podNamed(service, { terminated: { exitCode: 0, reason: 'Completed', ...times } }),
			]);
			played.endLog(id.slice(2));
		},
		remove: (id) => put(id, []),
		nameOf: (service) => `${service}-hash-1`,
		break: () =>
			played.set(
				'refusal',
				'The connection to the server localhost:1 was refused - did you specify the right host or port?',
			),
		close: async () => {
			await host.close();
			played.close();
		},
	};
};

/** What a metrics server says of these pods. */
const metricsOf = (objects: readonly ApiObject[]): string =>
	JSON.stringify({
		items: objects
			.filter(({ kind }) => kind === 'Pod')
			.map(({ metadata: { name } }) => ({
				metadata: { name },
				containers: [{ name: 'main', usage: { cpu: '250m', memory: '64Mi' } }],
			})),
	});

/** The engine in memory. */
export const openMemory = async (): Promise<Stage> => {
	const engine = createMemoryEngine();
	return {
		engine,
		run: async (service) => engine.put({ id: service }).id,
		write: engine.write,
		end: async (id) => {
			engine.put({ id, status: 'exited', exitCode: 0 }, 'die');
		},
		remove: engine.remove,
		nameOf: (service) => `app-${service}-1`,
		break: () => engine.fail('it does not answer'),
		close: async () => {},
	};
};
