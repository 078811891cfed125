import type { DeploymentIdentity } from '../../src/engine/deployment.ts';
import type { DesiredAnswer } from '../../src/engine/desired.ts';
import type { Engine, EngineTerms } from '../../src/engine/engine.ts';
import type { ImageDetails, Instance, InstanceEvent, InstanceSummary, LogChunk } from '../../src/engine/instance.ts';
import type { EngineShell } from '../../src/engine/shell.ts';
import { parseNanos, toTimestamp } from '../../src/engine/time.ts';

export const memoryTerms: EngineTerms = {
	name: 'the memory',
	asks: {
		instances: (services = []) => ['list', ...services].join(' '),
		desired: () => 'desired',
		images: (services) => `images of ${services.join(', ')}`,
		logs: (service) => `log of ${service}`,
	},
};

const nothing = (...names: readonly string[]): string => names.map((name) => `${name}() { :; }`).join('\n');

/** The shell of an engine that has nothing on the host but a folder. */
export const memoryShell: EngineShell = {
	scriptFunctions: 'enter_folder() { cd "$directory" 2>/dev/null; }\nrunning_images() { :; }',
	stepFunctions:
		'enter_folder() { cd "$directory" 2>/dev/null; }\nrunning_images() { :; }\nground_holds() { [ "$plan_ground" = memory ]; }',
	stepPrograms: {},
	watched: nothing('list_watched'),
	printGround: 'echo memory\n',
	redeployers: '',
	diskSpace: 'echo "there is room for $wanted KiB and $inodes files"\n',
	freeSpace: 'forget something',
	restorePoint: {
		words: { all: 'nothing more', noted: 'Records the commit', later: 'nothing more' },
		keep: nothing('keep_files', 'note_containers', 'pin_images', 'keep_images'),
		drop: nothing('drop_images', 'runs_with_images'),
		list: nothing('image_ids'),
	},
	undo: {
		state: '',
		differences: nothing('service_differences'),
		looks: nothing('look_memory'),
		preconditions: { first: [{ id: 'memory', title: 'The memory answers', call: 'look_memory' }], last: [] },
		stop: { id: 'stop', title: 'Stop', summary: 'Stops nothing.', script: 'exit 0', timeoutSeconds: 10 },
		steps: [{ id: 'compare', title: 'Compare', summary: 'Compares nothing.', script: 'exit 0', timeoutSeconds: 10 }],
	},
};

/** What is called on the engine, in order: `list`, `inspect a`, `events`. */
export interface MemoryEngine extends Engine {
	readonly asked: string[];
	/** Adds an instance that runs, or changes the one of this id, and tells whoever listens: `start`, unless said. */
	put(change: Partial<Instance> & { readonly id: string }, action?: string): Instance;
	remove(id: string): void;
	/** Writes a line to the log of an instance. */
	write(id: string, text: string, stream?: LogChunk['stream']): void;
	image(id: string, signal?: AbortSignal): Promise<ImageDetails | undefined>;
	/** Every call fails with this until it is undefined again; what listens is cut off. */
	fail(why: string | undefined): void;
}

interface Line {
	readonly nanos: bigint;
	readonly stream: LogChunk['stream'];
	readonly text: string;
}

const millis = 1_000_000n;

const usualInstance = (id: string): Instance => ({
	id,
	name: `app-${id}-1`,
	service: id,
	status: 'running',
	probes: [],
	oomKilled: false,
	error: '',
	restarts: 0,
	createdAt: Date.now() - 3_600_000,
	startedAt: Date.now() - 3_600_000,
	image: `${id}:1`,
	imageId: `sha256:${id}`,
	tty: false,
	restartPolicy: 'no',
	publishesPorts: false,
	project: 'app',
});

/** How Docker says it; a list that says the same words leaves no doubt that an instance is as it was. */
const statusText = ({ status, health, startedAt = 0, exitCode }: Instance): string =>
	status === 'running'
		? `Up since ${startedAt}${health === undefined ? '' : ` (${health === 'starting' ? 'health: starting' : health})`}`
		: `${status} (${exitCode ?? 0})`;

/** An engine that has what a test puts into it, for tests of what stands on an engine. */
export const createMemoryEngine = (options: { readonly desired?: DesiredAnswer } = {}): MemoryEngine => {
	const instances = new Map<string, Instance>();
	const logs = new Map<string, Line[]>();
	const past: InstanceEvent[] = [];
	const listeners = new Set<() => void>();
	const asked: string[] = [];
	let failure: string | undefined;
	let changes = 0;
	const tell = () => {
		changes++;
		for (const listener of [...listeners]) {
			listener();
		}
	};
	const ask = (what: string) => {
		asked.push(what);
		if (failure !== undefined) {
			throw new Error(failure);
		}
	};
	const now = () => BigInt(Date.now()) * millis;
	const note = (id: string, action: string, more: Partial<InstanceEvent> = {}) => {
		const nanos = now();
		const last = past.at(-1)?.nanos ?? 0n;
		past.push({
			id,
			action,
			service: instances.get(id)?.service ?? '',
			nanos: nanos > last ? nanos : last + 1n,
			...more,
		});
		tell();
	};
	const isOver = (id: string) => !['running', 'paused'].includes(instances.get(id)?.status ?? '');

	/** Yields what `next` gives, and again whenever something has changed, until it is over. */
	async function* following<T>(
		next: () => readonly T[],
		over: () => boolean,
		signal?: AbortSignal,
	): AsyncGenerator<T, void, undefined> {
		for (;;) {
			signal?.throwIfAborted();
			if (failure !== undefined) {
				throw new Error(failure);
			}
			const before = changes;
			const ends = over();
			yield* next();
			if (ends) {
				return;
			}
			if (changes === before) {
				const { promise, resolve } = Promise.withResolvers<void>();
				listeners.add(resolve);
				signal?.addEventListener('abort', () => resolve(), { once: true });
				await promise;
				listeners.delete(resolve);
			}
		}
	}

	const identity = (): DeploymentIdentity => ({
		project: 'app',
		environment: { project: 'app' },
		...(failure !== undefined && { unknown: failure }),
	});

	return {
		kind: 'memory',
		project: 'app',
		terms: memoryTerms,
		shell: memoryShell,
		clock: { now: () => Date.now(), toLocal: (hostMs) => hostMs },
		asked,
		list: async (signal) => {
			signal?.throwIfAborted();
			ask('list');
			return [...instances.values()].map(
				(instance): InstanceSummary => ({
					id: instance.id,
					name: instance.name,
					service: instance.service,
					status: instance.status,
					words: statusText(instance),
				}),
			);
		},
		inspect: async (id, signal) => {
			signal?.throwIfAborted();
			ask(`inspect ${id}`);
			return instances.get(id);
		},
		image: async (id) => {
			ask(`image ${id}`);
			return [...instances.values()].some(({ imageId }) => imageId === id) ? { id, tags: [], createdAt: 0 } : undefined;
		},
		events: async function* ({ since, until, signal, onOpen }) {
			ask('events');
			let at = since === undefined ? past.length : past.findIndex(({ nanos }) => nanos >= since);
			at = at < 0 ? past.length : at;
			onOpen?.();
			const fresh = () => {
				const news = past.slice(at).filter(({ nanos }) => until === undefined || nanos <= until);
				at = past.length;
				return news;
			};
			yield* following(fresh, () => until !== undefined, signal);
		},
		shellIn: (id) => {
			if (!/^[\w.-]+$/.test(id)) {
				throw new TypeError('not an id of an instance');
			}
			return `exec env INSTANCE=${id} sh`;
		},
		describe: async (id, signal) => {
			signal?.throwIfAborted();
			ask(`describe ${id}`);
			const instance = instances.get(id);
			return (
				instance && {
					instance,
					imageHistory: [{ command: `COPY ${instance.service} /`, bytes: 1_000_000, createdAt: instance.createdAt }],
					command: ['run', instance.service],
					user: '',
					workingDirectory: '/',
					ports: [],
					mounts: [],
					environment: [['SERVICE', instance.service]],
					networks: [],
					shellCommand: `enter ${instance.name}`,
				}
			);
		},
		usage: async function* (id, { once, signal }) {
			ask(`usage ${id}`);
			yield { cpuPercent: 1, memoryBytes: 1_000_000, memoryLimitBytes: 2_000_000 };
			yield* following(
				() => [],
				() => once === true || isOver(id),
				signal,
			);
		},
		usageOfAll: async function* () {},
		logs: async function* (id, { since, until, tail, follow, timestamps, signal }) {
			ask(`logs ${id}`);
			const all = logs.get(id) ?? [];
			const within = ({ nanos }: Line) =>
				(since === undefined || nanos >= since) && (until === undefined || nanos <= until);
			let at = tail === undefined ? 0 : Math.max(0, all.length - tail);
			const fresh = (): LogChunk[] => {
				const news = all.slice(at).filter(within);
				at = all.length;
				return news.map(({ nanos, stream, text }) => ({
					stream,
					begins: true,
					bytes: Buffer.from(`${timestamps ? `${stampOf(nanos)} ` : ''}${text}\n`),
				}));
			};
			yield* following(fresh, () => follow !== true || isOver(id), signal);
		},
		streams: () => true,
		desired: async () => options.desired ?? { unreadable: 'nothing says what should run' },
		forgetDesired: () => {},
		deployment: async () => identity(),
		planChanges: async ({ procedure }) => ({
			deployment: identity(),
			environment: (procedure.steps.length === 0 ? {} : { plan_ground: 'memory' }) as Readonly<Record<string, string>>,
			preconditions: [],
			...(procedure.steps.length > 0 && { ground: 'memory' }),
			notes: [],
		}),
		readKept: () => ({ instances: [], environment: { from_containers: '' } }),
		reach: async () => ({ isDirect: true, reason: 'it is in this process' }),
		put: (change, action = 'start') => {
			const instance = { ...(instances.get(change.id) ?? usualInstance(change.id)), ...change };
			instances.set(change.id, instance);
			logs.set(change.id, logs.get(change.id) ?? []);
			note(change.id, action, instance.exitCode === undefined ? {} : { exitCode: instance.exitCode });
			return instance;
		},
		remove: (id) => {
			note(id, 'destroy');
			instances.delete(id);
			tell();
		},
		write: (id, text, stream = 'stdout') => {
			const all = logs.get(id) ?? [];
			const last = all.at(-1)?.nanos ?? 0n;
			all.push({ nanos: now() > last ? now() : last + 1n, stream, text });
			logs.set(id, all);
			tell();
		},
		fail: (why) => {
			failure = why;
			tell();
		},
	};
};

/** RFC 3339 with nanoseconds, as Docker writes it. */
const stampOf = (nanos: bigint): string => {
	const [seconds = '0', fraction = '0'] = toTimestamp(nanos).split('.');
	const stamp = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
	return parseNanos(stamp) === nanos ? stamp : '';
};
