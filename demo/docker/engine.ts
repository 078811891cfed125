import { createHash, randomBytes } from 'node:crypto';
import { HealthChecks } from './health-checks.ts';
import { createImages, type Images } from './images.ts';
import { createLog } from './log.ts';
import { createNetworks, type Networks } from './networks.ts';
import { openPages, type Pages } from './pages.ts';
import { nowNanos } from './stamp.ts';
import { type Container, type ContainerSpec, type EngineEvent, labels, type StartProgram } from './types.ts';

export interface EngineOptions {
	/** Returns the program in an image; throws for one that the demo cannot run. */
	readonly programOf: (container: Container) => StartProgram;
	/** The folder that `docker info` names as its root. */
	readonly root: string;
}

/** The simulated Docker engine: containers and images with real state. Listeners are told about all changes. */
export interface Engine {
	readonly images: Images;
	readonly networks: Networks;
	readonly root: string;
	containers(): readonly Container[];
	/** Finds one by its id, by the beginning of its id, or by its name. */
	find(reference: string): Container | undefined;
	create(spec: ContainerSpec): Container;
	/** Throws an Error if one of its networks no longer exists. */
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
/** Uptime after which a container's restart delays start again, ms (Docker's documentation of restart policies). */
const longRunMs = 10_000;
const keptEvents = 500;

export const createEngine = (options: EngineOptions): Engine => new PlayedEngine(options);

class PlayedEngine implements Engine {
	readonly images = createImages();
	readonly networks: Networks = createNetworks(() => this.containers());
	readonly root: string;
	readonly #programOf: EngineOptions['programOf'];
	readonly #all = new Map<string, Container>();
	readonly #opened = new Map<string, Pages>();
	readonly #restarts = new Map<string, NodeJS.Timeout>();
	readonly #delays = new Map<string, number>();
	readonly #health = new HealthChecks((container, health) => this.#tell(`health_status: ${health}`, container));
	readonly #listeners = new Set<(event: EngineEvent) => void>();
	#events: EngineEvent[] = [];

	constructor({ programOf, root }: EngineOptions) {
		this.#programOf = programOf;
		this.root = root;
	}

	containers(): readonly Container[] {
		return [...this.#all.values()];
	}

	find(reference: string): Container | undefined {
		const name = reference.replace(/^\//, '');
		const found = this.containers();
		return (
			this.#all.get(name) ??
			found.find((container) => container.name === name) ??
			(/^[0-9a-f]{4,}$/.test(name) ? found.find(({ id }) => id.startsWith(name)) : undefined)
		);
	}

	create(spec: ContainerSpec): Container {
		const { networks: names = [spec.network], aliases = [], ...rest } = spec;
		for (const name of names) {
			this.networks.create(name, {});
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
		this.#all.set(container.id, container);
		this.#tell('create', container);
		return container;
	}

	async start(container: Container, manually = false): Promise<void> {
		clearTimeout(this.#restarts.get(container.id));
		if (container.status === 'running') {
			return;
		}
		this.networks.check(container);
		if (manually) {
			container.restarts = 0;
			this.#delays.delete(container.id);
		}
		container.status = 'running';
		container.startedAt = nowNanos();
		container.exitCode = 0;
		container.error = '';
		this.#startProgram(container);
		this.#health.watch(container);
		this.#tell('start', container);
		const started = container.startedAt;
		const pages = await openPages(container);
		// It may have ended meanwhile.
		if (container.startedAt === started && container.program !== undefined) {
			this.#opened.set(container.id, pages);
		} else {
			await pages.close();
		}
	}

	async stop(container: Container, signal = '15'): Promise<void> {
		clearTimeout(this.#restarts.get(container.id));
		if (container.status === 'restarting') {
			container.status = 'exited';
			this.#tell('stop', container);
			return;
		}
		if (container.status !== 'running') {
			return;
		}
		this.#tell('kill', container);
		const code = signal === '9' ? 137 : (container.program?.stopCode ?? 0);
		await this.#over(container, code);
		this.#tell('stop', container);
	}

	async restart(container: Container): Promise<void> {
		await this.stop(container);
		await this.start(container, true);
		this.#tell('restart', container);
	}

	remove(container: Container): void {
		clearTimeout(this.#restarts.get(container.id));
		this.#all.delete(container.id);
		container.status = 'removing';
		this.#tell('destroy', container);
	}

	events(since: bigint | undefined): readonly EngineEvent[] {
		return this.#events.filter(({ nanos }) => since !== undefined && nanos >= since);
	}

	listen(listener: (event: EngineEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	async close(): Promise<void> {
		await Promise.all(this.containers().map((container) => this.stop(container)));
	}

	#tell(action: string, container: Container, exitCode?: number): void {
		const event = { nanos: nowNanos(), action, container, ...(exitCode !== undefined && { exitCode }) };
		this.#events = [...this.#events, event].slice(-keptEvents);
		for (const listener of this.#listeners) {
			listener(event);
		}
	}

	#startProgram(container: Container): void {
		const isSibling = (other: Container, service: string) =>
			other.status === 'running' &&
			other.labels[labels.service] === service &&
			other.labels[labels.project] === container.labels[labels.project];
		container.program = this.#programOf(container)({
			container,
			log: (line, stream) => container.log.write(line, stream),
			exit: (code) => setImmediate(() => this.#exitedByItself(container, code)),
			runs: (service) => this.containers().some((other) => isSibling(other, service)),
		});
	}

	/** Ends everything that lives as long as a container's process, for whatever reason. */
	#over(container: Container, code: number): Promise<void> {
		this.#health.stop(container);
		container.program?.end();
		delete container.program;
		delete container.health;
		const pages = this.#opened.get(container.id);
		this.#opened.delete(container.id);
		container.finishedAt = nowNanos();
		container.exitCode = code;
		container.status = 'exited';
		this.#tell('die', container, code);
		return pages?.close() ?? Promise.resolve();
	}

	#exitedByItself(container: Container, code: number): void {
		if (container.status !== 'running') {
			return;
		}
		const ranMs = Number((nowNanos() - (container.startedAt ?? 0n)) / 1_000_000n);
		void this.#over(container, code);
		const { restartPolicy } = container;
		if (restartPolicy === 'no' || restartPolicy === '' || (restartPolicy === 'on-failure' && code === 0)) {
			return;
		}
		const delay = ranMs > longRunMs ? firstDelayMs : (this.#delays.get(container.id) ?? firstDelayMs);
		this.#delays.set(container.id, Math.min(longestDelayMs, delay * 2));
		container.status = 'restarting';
		const again = () => {
			container.restarts++;
			this.start(container).catch((error: Error) => {
				container.status = 'exited';
				container.error = error.message;
			});
		};
		this.#restarts.set(container.id, setTimeout(again, delay));
	}
}
