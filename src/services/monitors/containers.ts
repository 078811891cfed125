import type { Instance, Usage } from '../../engine/instance.ts';
import { mainOf } from '../../runbook/main-service.ts';
import { type ContainerReading, notReadYet, type Reading } from '../../runbook/reading.ts';
import { mainServiceFirst } from '../instances/by-service.ts';
import type { ChangedInstance } from '../instances/instance-change.ts';
import { listLeanMs, lookEveryMs } from '../instances/instance-watch.ts';
import type { WatchedEngine } from '../instances/watched-engine.ts';
import { judgeAll, judgeProject, listedReading, toReading } from './container-state.ts';
import type { Expectation } from './expected-containers.ts';
import { createImageAges } from './image-ages.ts';
import { closely, type PollRate } from './poll-rate.ts';
import type { Monitor } from './poller.ts';
import { createPublisher, type Sink } from './sink.ts';
import { startStats } from './stats.ts';

/** Minimum time between two updates of usage on the screen, ms. */
const useEveryMs = 2000;

/** Reads what should run, for these containers. Rejects only when the monitor is stopped. */
export type ExpectedServices = (
	containers: readonly string[],
	signal: AbortSignal,
) => Promise<Pick<Expectation, 'desired' | 'main'>>;

const percent = (value: number | undefined) => (value === undefined ? undefined : value.toFixed(1));
/** Rounds an amount of memory to three digits, as it is shown. */
const amount = (value: number | undefined) => value?.toPrecision(3);

/** True when an instance's additions for the screen look the same there. */
const isSameToSee = (a: ContainerReading, b: ContainerReading): boolean =>
	a.state === b.state &&
	a.imageCreatedAt === b.imageCreatedAt &&
	percent(a.cpuPercent) === percent(b.cpuPercent) &&
	amount(a.memoryBytes) === amount(b.memoryBytes);

/** True for a change that is visible: health probes are for checks, and not shown. */
const isShown = ({ fields }: ChangedInstance): boolean => fields.some((field) => field !== 'probes');

/** Creates the row of each instance: while it looks the same on the screen, it is the same object. */
const createRows = (images: ReturnType<typeof createImageAges>) => {
	const rows = new Map<string, ContainerReading>();
	const uses = new Map<string, Usage>();
	return {
		of: (instance: Instance, state: ContainerReading['state']): ContainerReading => {
			const had = rows.get(instance.id);
			const use = instance.status === 'running' ? (uses.get(instance.id) ?? {}) : {};
			const now = { ...toReading(instance, state), imageCreatedAt: images.createdAt(instance), ...use };
			const row = had !== undefined && isSameToSee(had, now) ? had : now;
			rows.set(instance.id, row);
			return row;
		},
		used: (id: string, use: Usage): void => {
			uses.set(id, use);
		},
		forgetUse: (): void => uses.clear(),
		changed: (id: string): void => {
			rows.delete(id);
		},
		removed: (id: string): void => {
			rows.delete(id);
			uses.delete(id);
		},
	};
};

/** Returns the main service judged by its instances alone: until the files are read, and if they cannot be. */
const mainOfInstances = (all: readonly (Pick<Instance, 'service'> & Partial<Instance>)[], project: string) =>
	mainOf(
		all.map(({ service, image, publishesPorts, health }) => ({
			name: service,
			image,
			...(publishesPorts !== undefined && { publishes: publishesPorts }),
			healthCheck: health !== undefined,
		})),
		project,
	);

/** Returns the state of each instance by its id, and that of all of them. */
const judge = (
	instances: readonly Instance[],
	project: string,
	expected: Expectation,
	restartedAgo: (instance: Instance) => number | undefined,
) => {
	const { containers, named } = judgeProject(instances, project, expected, restartedAgo);
	return {
		states: new Map(containers.map(({ details, judgement }) => [details.id, judgement.state])),
		all: judgeAll(named, project),
	};
};

/**
 * Monitors the containers of a project: publishes the model of instances with their CPU and memory usage, and judges them. In the
 * background usage is not read.
 *
 * @param mainService its containers come first; if the project has no such service, those of the main service by its files
 */
export const watchContainers = (
	{ engine, instances }: WatchedEngine,
	sink: Sink<Reading<readonly ContainerReading[]>>,
	pace: PollRate = closely,
	expectedServices?: ExpectedServices,
	mainService?: string,
): Monitor => {
	const { project } = engine;
	const over = new AbortController();
	/** Time of the last answer of the engine. Usage may be read past it, and says nothing about the containers' state. */
	let readAt = Date.now();
	/** The age of the reading when it was published, ms. */
	let lateMs = 0;
	const maxAgeMs = () => 2 * (pace.lean() ? listLeanMs : lookEveryMs) + 2000 - lateMs;
	/** True when no row has changed: then they are the same objects. */
	const same = (a: readonly ContainerReading[], b: readonly ContainerReading[]) =>
		a.length === b.length && a.every((row, at) => row === b[at]);
	const publisher = createPublisher(sink, { maxAgeMs, same });
	const images = createImageAges(engine);
	const rows = createRows(images);

	/** The expected containers; unknown until they are read. */
	let expected: Pick<Expectation, 'desired' | 'main'> = { main: [] };
	let asking = expectedServices !== undefined;
	const inOrder = (all: readonly (Pick<Instance, 'service'> & Partial<Instance>)[]) => {
		const hasOwn = all.some(({ service }) => service === mainService);
		return mainServiceFirst(hasOwn ? mainService : (expected.desired?.main ?? mainOfInstances(all, project)));
	};

	const publish = () => {
		const { instances: all, stopped, trouble } = instances.get();
		if (trouble !== undefined) {
			return;
		}
		const restartedAgo = (instance: Instance) => instances.restartedAgo(instance);
		const { states, all: judged } = judge(all, project, { ...expected, stopped }, restartedAgo);
		// An ended container may turn out to be a finished job.
		const { state, reason } = judged.state === 'unknown' && asking ? { ...judged, reason: notReadYet } : judged;
		lateMs = Date.now() - readAt;
		publisher.publish(
			all.toSorted(inOrder(all)).map((instance) => rows.of(instance, states.get(instance.id) ?? 'unknown')),
			state,
			reason,
		);
	};

	const stats = startStats(engine, {
		sample: rows.used,
		everyMs: useEveryMs,
		tick: publish,
	});

	/** Reads what should run: a process on the host, so the answer is mostly a cached one. */
	const expect = async (all: readonly Instance[]) => {
		const now = await expectedServices?.(all.map(({ id }) => id).toSorted(), over.signal);
		const first = asking;
		asking = false;
		if (now !== undefined && (first || now.desired !== expected.desired || now.main.join() !== expected.main.join())) {
			expected = now;
			publish();
		}
	};

	const settle = (all: readonly Instance[]) => {
		if (pace.lean()) {
			rows.forgetUse();
		}
		const running = all.filter(({ status }) => status === 'running');
		stats.watch(pace.lean() ? [] : running.map(({ id }) => id));
		publish();
	};

	const unsubscribe = instances.subscribe({
		listed: (listed) => publisher.publish(listed.map(listedReading).toSorted(inOrder(listed)), 'unknown', notReadYet),
		changed: ({ removed, changed, isWhole }) => {
			readAt = Date.now();
			for (const { instance } of changed.filter(isShown)) {
				rows.changed(instance.id);
			}
			for (const { id } of removed) {
				rows.removed(id);
			}
			const { instances: all, trouble } = instances.get();
			if (trouble !== undefined) {
				return;
			}
			settle(all);
			if (isWhole) {
				// Compose is a process on the host, and an image's age is shown beside the state, so nothing waits for them. A failure is retried
				// at the next list.
				expect(all).catch(() => {});
				images.read(all, over.signal).then(
					(isNews) => isNews && publish(),
					() => {},
				);
			}
		},
		failed: (reason) => {
			stats.watch([]);
			publisher.fail(reason);
		},
	});

	return {
		refresh: () => {},
		stop: () => {
			unsubscribe();
			over.abort(new Error('the monitor was stopped'));
			stats.stop();
		},
	};
};
