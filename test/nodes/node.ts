import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { childrenOf, namesIn, textOf } from '../helpers/proc.ts';
import { chooseClient, hostPath, stopEngine, unmountAll } from '../lab/docker-engine.ts';
import { exec, must } from '../lab/exec.ts';
import { type Layout, layout } from '../lab/layout.ts';
import { runningPid, startDaemon, waitFor } from '../lab/processes.ts';
import type { Network } from './network.ts';

/** A machine of a Swarm or of a Kubernetes cluster: a Docker engine in a network namespace, with a host name of its own. */
export interface Node {
	/** Its host name, as `docker node ls` shows it. */
	readonly name: string;
	readonly number: number;
	/** Its files; what is mounted there is unmounted when it stops. */
	readonly folder: string;
	readonly socket: string;
	/** The environment of a person who works on it. */
	readonly env: Record<string, string | undefined>;
	/** Starts the engine, the first time or again after `kill`, and waits until it answers. */
	start(): Promise<void>;
	/** Ends the engine and all its containers at once, as a power cut does. */
	kill(): Promise<void>;
	/** Pulls its plug: engine and containers run on, and nobody can reach them. */
	unplug(): Promise<void>;
	plugIn(): Promise<void>;
	/** Calls `docker` on it, and returns what it prints. Throws when it fails. */
	docker(...args: string[]): Promise<string>;
	/** Ends it in good order, and removes its folders. */
	stop(): Promise<void>;
}

/** Ends the containers of an engine that is gone: their shims name its socket. */
const killContainers = (at: Layout): void => {
	const shims = namesIn('/proc')
		.map(Number)
		.filter((pid) => pid > 1 && textOf(`/proc/${pid}/cmdline`).includes(`${at.dockerExec}/containerd/containerd.sock`));
	for (const shim of shims) {
		for (const pid of [...childrenOf(shim), shim]) {
			try {
				process.kill(pid, 'SIGKILL');
			} catch {
				// It has ended by itself.
			}
		}
	}
};

const removeFolders = async (at: Layout): Promise<void> => {
	await unmountAll(at);
	await unmountAll({ ...at, dir: at.dockerRoot });
	await exec('umount', ['-l', at.dockerRoot]);
	for (const folder of [at.dockerRoot, at.dir]) {
		rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	}
};

export interface NodeOptions {
	/** Is for its files. */
	readonly folder: string;
	/** Is for its images and containers. */
	readonly memory: string;
	/** What the engine is told about the network of its containers. Default: it has none of its own. */
	readonly engine?: readonly string[];
}

const withoutBridge = ['--bridge', 'none', '--ip-masq=false'];

/** Describes a node; nothing runs yet. */
export const makeNode = async (network: Network, number: number, options: NodeOptions): Promise<Node> => {
	const { folder, memory, engine = withoutBridge } = options;
	const name = `node-${number}`;
	const dir = join(folder, `n${number}`);
	// Named after the folder, so that what a killed test leaves can be found.
	const at: Layout = { ...layout(dir), dockerRoot: join(memory, `${basename(folder)}-data-${number}`) };
	for (const made of [at.logs, at.dockerExec, at.dockerRoot]) {
		mkdirSync(made, { recursive: true });
	}
	await chooseClient(at);
	await network.addNode(number);
	const env = {
		PATH: hostPath(at),
		DOCKER_HOST: `unix://${at.dockerSocket}`,
		DOCKER_CONTEXT: undefined,
		GIT_CONFIG_GLOBAL: '/dev/null',
		LC_ALL: 'C.UTF-8',
		GOMAXPROCS: '1',
	};
	const log = join(at.logs, 'dockerd.log');
	const docker = (...args: string[]) => must('docker', args, { env, timeout: 60_000 });
	const answers = async () =>
		(await exec('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeout: 5000 })).code === 0;
	return {
		name,
		number,
		folder: dir,
		socket: at.dockerSocket,
		env,
		start: async () => {
			rmSync(at.dockerPid, { force: true });
			const alone = [...engine, '--shutdown-timeout', '3', '--pidfile', at.dockerPid];
			const where = ['--data-root', at.dockerRoot, '--exec-root', at.dockerExec, '-H', `unix://${at.dockerSocket}`];
			const named = ['unshare', '--uts', 'sh', '-c', 'hostname "$1" && shift && exec "$@"', 'sh', name];
			const words = [`--net=${network.pathOf(number)}`, ...named, '/usr/sbin/dockerd', ...where, ...alone];
			startDaemon('nsenter', words, log);
			if (!(await waitFor(answers, 30_000))) {
				throw new Error(`the engine of ${name} does not answer:\n${readFileSync(log, 'utf8').slice(-2000)}`);
			}
		},
		kill: async () => {
			const pids = [runningPid(at.dockerPid, 'dockerd'), runningPid(at.containerdPid, 'containerd')];
			for (const pid of pids.filter((one) => one !== null)) {
				process.kill(pid, 'SIGKILL');
			}
			await waitFor(() => runningPid(at.dockerPid, 'dockerd') === null, 10_000);
			killContainers(at);
		},
		unplug: () => network.connect(number, false),
		plugIn: () => network.connect(number, true),
		docker,
		stop: async () => {
			await stopEngine(at);
			killContainers(at);
			await removeFolders(at);
		},
	};
};
