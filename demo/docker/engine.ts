import { createHash, randomBytes } from 'node:crypto';
import { createImages, type Images } from './images.ts';
import { createLog } from './log.ts';
import { createNetworks, type Networks } from './networks.ts';
import { openPages, type Pages } from './pages.ts';
import { nowNanos } from './stamp.ts';
import { type Container, type ContainerSpec, type EngineEvent, labels, type StartProgram } from './types.ts';

export interface EngineOptions {
	/** Which program an image holds; throws for one that the demo cannot run. */
	readonly programOf: (container: Container) => StartProgram;
	/** The folder that `docker info` names as its root. */
	readonly root: string;
}

/** The played Docker engine: containers and images with real state. Everything that changes is told to listeners. */
export interface Engine {
	readonly images: Images;
	readonly networks: Networks;
	readonly root: string;
	containers(): readonly Container[];
	/** By id, by the beginning of one, or by name. */
	find(reference: string): Container | undefined;
	create(spec: ContainerSpec): Container;
	/** Throws an Error where one of its networks is not there any more. */
	start(container: Container, manually?: boolean): Promise<void>;
	stop(container: Container, signal?: string): Promise<void>;
	restart(container: Container): Promise<void>;
	remove(container: Container): void;
	events(since: bigint | undefined): readonly EngineEvent[];
	listen(listener: (event: EngineEvent) => void): () => void;
	close(): Promise<void>;
}

const firstDelayMs = 100;
const longestDelayMs = 4000;
/** A container that ran so long starts its restart delays anew (Docker's documentation of restart policies). */
const longRunMs = 10_000;
const keptEvents = 500;

export const createEngine = ({ programOf, root }: EngineOptions): Engine => {
	const images = createImages();
	const networks = createNetworks(() => [...all.values()]);
	const all = new Map<string, Container>();
	const opened = new Map<string, Pages>();
	const timers = new Map<string, NodeJS.Timeout>();
	const checks = new Map<string, NodeJS.Timeout>();
	const delays = new Map<string, number>();
	const listeners = new Set<(event: EngineEvent) => void>();
	let events: EngineEvent[] = [];

	const tell = (action: string, container: Container, exitCode?: number) => {
		const event = { nanos: nowNanos(), action, container, ...(exitCode !== undefined && { exitCode }) };
		events = [...events, event].slice(-keptEvents);
		for (const listener of listeners) {
			listener(event);
		}
	};

	const watchHealth = (container: Container) => {
		const { healthcheck } = container;
		if (healthcheck === undefined || container.program?.health === undefined) {
			return;
		}
		container.health = 'starting';
		container.probes = [];
		let failures = 0;
		const look = () => {
			const said = container.program?.health?.();
			if (said === undefined) {
				return;
			}
			container.probes = [...container.probes, { at: nowNanos(), code: said.ok ? 0 : 1, output: said.output }].slice(
				-5,
			);
			failures = said.ok ? 0 : failures + 1;
			const next = said.ok ? 'healthy' : failures >= healthcheck.retries ? 'unhealthy' : container.health;
			if (next !== container.health) {
				container.health = next;
				tell(`health_status: ${next}`, container);
			}
		};
		checks.set(container.id, setInterval(look, healthcheck.intervalMs));
	};

	/** What ends with a container's process, whoever ended it. */
	const over = (container: Container, code: number) => {
		clearInterval(checks.get(container.id));
		container.program?.end();
		delete container.program;
		delete container.health;
		const pages = opened.get(container.id);
		opened.delete(container.id);
		container.finishedAt = nowNanos();
		container.exitCode = code;
		container.status = 'exited';
		tell('die', container, code);
		return pages?.close() ?? Promise.resolve();
	};

	const exitedByItself = (container: Container, code: number) => {
		if (container.status !== 'running') {
			return;
		}
		const ranMs = Number((nowNanos() - (container.startedAt ?? 0n)) / 1_000_000n);
		void over(container, code);
		const { restartPolicy } = container;
		if (restartPolicy === 'no' || restartPolicy === '' || (restartPolicy === 'on-failure' && code === 0)) {
			return;
		}
		const delay = ranMs > longRunMs ? firstDelayMs : (delays.get(container.id) ?? firstDelayMs);
		delays.set(container.id, Math.min(longestDelayMs, delay * 2));
		container.status = 'restarting';
		const again = () => {
			container.restarts++;
			start(container).catch((error: Error) => {
				container.status = 'exited';
				container.error = error.message;
			});
		};
		timers.set(container.id, setTimeout(again, delay));
	};

	const start = async (container: Container, manually = false): Promise<void> => {
		clearTimeout(timers.get(container.id));
		if (container.status === 'running') {
			return;
		}
		networks.check(container);
		if (manually) {
			container.restarts = 0;
			delays.delete(container.id);
		}
		container.status = 'running';
		container.startedAt = nowNanos();
		container.exitCode = 0;
		container.error = '';
		container.program = programOf(container)({
			container,
			log: (line, stream) => container.log.write(line, stream),
			exit: (code) => setImmediate(exitedByItself, container, code),
			runs: (service) =>
				[...all.values()].some(
					(other) =>
						other.status === 'running' &&
						other.labels[labels.service] === service &&
						other.labels[labels.project] === container.labels[labels.project],
				),
		});
		watchHealth(container);
		tell('start', container);
		const started = container.startedAt;
		const pages = await openPages(container);
		// It may have ended meanwhile.
		if (container.startedAt === started && container.program !== undefined) {
			opened.set(container.id, pages);
		} else {
			await pages.close();
		}
	};

	const stop = async (container: Container, signal = '15'): Promise<void> => {
		clearTimeout(timers.get(container.id));
		if (container.status === 'restarting') {
			container.status = 'exited';
			tell('stop', container);
			return;
		}
		if (container.status !== 'running') {
			return;
		}
		tell('kill', container);
		const code = signal === '9' ? 137 : (container.program?.stopCode ?? 0);
		await over(container, code);
		tell('stop', container);
	};

	return {
		images,
		networks,
		root,
		containers: () => [...all.values()],
		find: (reference) => {
			const name = reference.replace(/^\//, '');
			const found = [...all.values()];
			return (
				all.get(name) ??
				found.find((container) => container.name === name) ??
				(/^[0-9a-f]{4,}$/.test(name) ? found.find(({ id }) => id.startsWith(name)) : undefined)
			);
		},
		create: (spec) => {
			const { networks: names = [spec.network], aliases = [], ...rest } = spec;
			for (const name of names) {
				networks.create(name, {});
			}
			const container: Container = {
				...rest,
				networks: new Map(names.map((name) => [name, aliases.length === 0 ? [] : [spec.name, ...aliases]])),
				id: createHash('sha256').update(randomBytes(16)).digest('hex'),
				createdAt: nowNanos(),
				log: createLog(),
				status: 'created',
				exitCode: 0,
				error: '',
				restarts: 0,
				probes: [],
				cpuNanos: 0n,
			};
			all.set(container.id, container);
			tell('create', container);
			return container;
		},
		start,
		stop,
		restart: async (container) => {
			await stop(container);
			await start(container, true);
			tell('restart', container);
		},
		remove: (container) => {
			clearTimeout(timers.get(container.id));
			all.delete(container.id);
			container.status = 'removing';
			tell('destroy', container);
		},
		events: (since) => events.filter(({ nanos }) => since !== undefined && nanos >= since),
		listen: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		close: async () => {
			await Promise.all([...all.values()].map((container) => stop(container)));
		},
	};
};
