import type { ContainerReading, Reading } from '../runbook/reading.ts';
import { createKnownDeployments, type ReadDeployments } from './known-deployments.ts';
import type { Mark } from './mark.ts';
import type { Readable } from './store.ts';
import type { Readings } from './workspace.ts';

/** A value at a moment; undefined when nothing was read then. */
export interface Sample {
	/** ms since the epoch, this machine's clock. */
	readonly at: number;
	readonly value: number | undefined;
	/** Time for which it counts if no other one follows, ms. */
	readonly heldMs: number;
}

/** The readings since a target's dashboard was opened, as far as they are drawn. */
export interface History {
	/** CPU usage of a container by its name, percent of one core. */
	cpu(container: string): readonly Sample[];
	/** Memory of a container by its name, bytes. */
	memory(container: string): readonly Sample[];
	/** Latency of an endpoint by its name, ms. */
	latency(endpoint: string): readonly Sample[];
	/** Values of a series of metrics by its name. */
	metric(series: string): readonly Sample[];
	/** Events, oldest first; with a service, without those of other services. */
	marks(service?: string): readonly Mark[];
	close(): void;
}

/** Half an hour with a sample every two seconds. */
const mostSamples = 900;
const mostMarks = 200;
/** Samples that are closer together than this become one, ms. */
const leastMs = 1500;

/** Adds a sample, with the time of its reading. */
type Put = (key: string, at: number, value: number | undefined, heldMs: number) => void;

/**
 * Starts to record readings. It only listens, and makes no requests of its own.
 *
 * @param readDeployments called when marks are asked for, at intervals; without it only what was seen meanwhile is marked
 */
export const recordHistory = (readings: Readings, readDeployments?: ReadDeployments): History => {
	const deployments = readDeployments && createKnownDeployments(readings, readDeployments);
	const series = new Map<string, Sample[]>();
	const seen: Mark[] = [];
	const ends: (() => void)[] = [];
	const put: Put = (key, at, value, heldMs) => {
		const all = series.get(key) ?? [];
		series.set(key, all);
		const last = all.at(-1);
		if (last !== undefined && at - last.at < leastMs && last.value !== undefined) {
			return;
		}
		if (last?.value === undefined && value === undefined) {
			return;
		}
		all.push({ at, value, heldMs });
		if (all.length > mostSamples) {
			all.shift();
		}
	};
	const mark = (what: Mark) => {
		seen.push(what);
		if (seen.length > mostMarks) {
			seen.shift();
		}
	};
	const listen = (store: Readable<unknown>, take: () => void) => {
		take();
		ends.push(store.subscribe(take));
	};

	const restarts = createRestarts(mark);
	listen(readings.containers, () => takeContainers(readings.containers.get(), put, restarts));
	for (const { name, reading } of readings.health) {
		listen(reading, () => {
			const { value, at, maxAgeMs } = reading.get();
			put(`latency ${name}`, at, value?.latencyMs, maxAgeMs);
		});
	}
	listen(readings.metrics, () => {
		const { value = [], at, maxAgeMs, state } = readings.metrics.get();
		for (const one of value) {
			put(`metric ${one.name}`, at, state === 'ok' ? one.value : undefined, maxAgeMs);
		}
	});
	let commit = readings.commit.get().value?.hash;
	listen(readings.commit, () => {
		const { value, at } = readings.commit.get();
		const next = value?.hash;
		if (next !== undefined && commit !== undefined && next !== commit) {
			mark({ at, kind: 'deployment', label: `commit ${next.slice(0, 7)} deployed` });
		}
		commit = next ?? commit;
	});
	const of = (key: string) => series.get(key) ?? [];
	return {
		cpu: (container) => of(`cpu ${container}`),
		memory: (container) => of(`memory ${container}`),
		latency: (endpoint) => of(`latency ${endpoint}`),
		metric: (name) => of(`metric ${name}`),
		marks: (service) =>
			[...(deployments?.addTo(seen) ?? seen), ...runMarks(readings)]
				.filter((one) => service === undefined || one.service === undefined || one.service === service)
				.sort((a, b) => a.at - b.at),
		close: () => {
			deployments?.close();
			for (const end of ends.splice(0)) {
				end();
			}
		},
	};
};

const runMarks = ({ runs }: Readings): readonly Mark[] =>
	(runs.get() ?? []).map(({ title, startedAt }) => ({ at: startedAt, kind: 'run', label: `run: ${title}` }));

const takeContainers = (
	{ value, at, maxAgeMs, state }: Reading<readonly ContainerReading[]>,
	put: Put,
	restarts: ReturnType<typeof createRestarts>,
): void => {
	for (const container of value ?? []) {
		const isRunning = state !== 'unknown' && container.status === 'running';
		put(`cpu ${container.name}`, at, isRunning ? container.cpuPercent : undefined, maxAgeMs);
		put(`memory ${container.name}`, at, isRunning ? container.memoryBytes : undefined, maxAgeMs);
		restarts.take(container, at);
	}
};

/** Notices that a container was restarted, or replaced by another one. */
const createRestarts = (mark: (what: Mark) => void) => {
	const known = new Map<
		string,
		{ readonly id: string; readonly startedAt: number | undefined; readonly exitCode?: number }
	>();
	return {
		take: ({ name, id, service, startedAt, exitCode, status }: ContainerReading, at: number): void => {
			const had = known.get(name);
			const ended = status !== 'running' && exitCode !== undefined ? exitCode : undefined;
			if (had !== undefined && had.id !== id) {
				mark({ at, kind: 'deployment', label: `${service} recreated`, service });
			} else if (startedAt !== undefined && had?.startedAt !== undefined && startedAt > had.startedAt) {
				const code = had.exitCode === undefined ? '' : `, exit code ${had.exitCode}`;
				mark({ at, kind: 'restart', label: `${service} restarted${code}`, service });
			}
			const code = ended ?? (had?.id === id && had.startedAt === startedAt ? had.exitCode : undefined);
			known.set(name, {
				id,
				startedAt: startedAt ?? had?.startedAt,
				...(code !== undefined && { exitCode: code }),
			});
		},
	};
};

/**
 * Returns values at regular distances, the newest last: for each interval the mean of its samples, or the last value while it still counts.
 *
 * @param to the end of the last interval, ms since the epoch
 */
export const resample = (
	samples: readonly Sample[],
	{ to, stepMs, count }: { readonly to: number; readonly stepMs: number; readonly count: number },
): (number | undefined)[] => {
	const from = to - stepMs * count;
	const sums = new Float64Array(count);
	const counts = new Uint32Array(count);
	/** The newest sample of each interval, also one without a value. */
	const newest: (Sample | undefined)[] = new Array(count);
	let held: Sample | undefined;
	for (const sample of samples) {
		const at = Math.floor((sample.at - from) / stepMs);
		if (at < 0) {
			held = sample;
		} else if (at < count) {
			newest[at] = sample;
			if (sample.value !== undefined) {
				sums[at] = (sums[at] ?? 0) + sample.value;
				counts[at] = (counts[at] ?? 0) + 1;
			}
		}
	}
	return Array.from({ length: count }, (_, at) => {
		const before = held;
		held = newest[at] ?? held;
		const many = counts[at] ?? 0;
		if (many > 0) {
			return (sums[at] ?? 0) / many;
		}
		return before?.value !== undefined && from + at * stepMs - before.at <= before.heldMs ? before.value : undefined;
	});
};
