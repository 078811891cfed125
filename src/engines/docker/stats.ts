import type { Usage } from '../../engine/instance.ts';

/** The fields of GET /containers/{id}/stats that are used. */
export interface RawStats {
	cpu_stats?: RawCpu;
	precpu_stats?: RawCpu;
	memory_stats?: { usage?: number; limit?: number; stats?: Record<string, number> };
}

interface RawCpu {
	cpu_usage?: { total_usage?: number; percpu_usage?: number[] | null };
	system_cpu_usage?: number;
	online_cpus?: number;
}

/**
 * Returns CPU usage as `docker stats` shows it (docker/cli, cli/command/container/stats_helpers.go): the container's share of the
 * system's time between two samples, times the number of processors.
 */
const cpuPercent = (now: RawCpu | undefined, before: RawCpu | undefined): number | undefined => {
	const [used, usedBefore] = [now?.cpu_usage?.total_usage, before?.cpu_usage?.total_usage];
	const [system, systemBefore] = [now?.system_cpu_usage, before?.system_cpu_usage];
	if (used === undefined || usedBefore === undefined || system === undefined || systemBefore === undefined) {
		return undefined;
	}
	const processors = now?.online_cpus || now?.cpu_usage?.percpu_usage?.length || 1;
	const elapsed = system - systemBefore;
	return elapsed > 0 && used >= usedBefore ? ((used - usedBefore) / elapsed) * processors * 100 : 0;
};

/**
 * Returns memory usage without the page cache that can be dropped: `total_inactive_file` under cgroup v1, `inactive_file` under v2, as
 * `docker stats` subtracts it.
 */
const memoryUsed = (memory: RawStats['memory_stats']): number | undefined => {
	if (memory?.usage === undefined) {
		return undefined;
	}
	const cache = memory.stats?.total_inactive_file ?? memory.stats?.inactive_file ?? 0;
	return cache < memory.usage ? memory.usage - cache : memory.usage;
};

/** @param before the previous sample, if the caller knows it (one-shot samples have none) */
export const toUse = (raw: RawStats, before: RawStats | undefined): Usage => {
	const previous = raw.precpu_stats?.system_cpu_usage === undefined ? before?.cpu_stats : raw.precpu_stats;
	return {
		cpuPercent: cpuPercent(raw.cpu_stats, previous),
		memoryBytes: memoryUsed(raw.memory_stats),
		memoryLimitBytes: raw.memory_stats?.limit,
	};
};

/** A clock tick of /proc/stat, ns: Linux counts a hundred a second, on every machine. */
const tickNanos = 1e7;

/** The answer of usage-of-all.sh to a request, before the lines of the containers. */
export interface CounterHead {
	readonly version: string;
	readonly ticks: number;
	readonly processors: number;
}

/**
 * Returns the fields that Docker would make of a container's counters; undefined without a control group.
 *
 * @param line `CPU MEMORY CACHE` of usage-of-all.sh
 * @param limitBytes as in its control group
 * @param hostBytes memory of the host: Docker's limit where there is none, or a larger one (moby, daemon/stats)
 */
export const rawOfCounters = (
	line: string,
	{ version, ticks, processors }: CounterHead,
	limitBytes: number | undefined,
	hostBytes: number,
): RawStats | undefined => {
	const [cpu, usage, cache] = line.split(' ').map((word) => (/^\d+$/.test(word) ? Number(word) : undefined));
	if (cpu === undefined && usage === undefined) {
		return undefined;
	}
	return {
		cpu_stats: {
			...(cpu !== undefined && { cpu_usage: { total_usage: version === '2' ? cpu * 1000 : cpu } }),
			system_cpu_usage: ticks * tickNanos,
			online_cpus: processors,
		},
		memory_stats:
			usage === undefined
				? {}
				: {
						usage,
						limit: Math.min(limitBytes ?? hostBytes, hostBytes),
						...(cache !== undefined && { stats: { inactive_file: cache } }),
					},
	};
};

const units: Readonly<Record<string, number>> = {
	b: 1,
	kb: 1e3,
	mb: 1e6,
	gb: 1e9,
	tb: 1e12,
	kib: 2 ** 10,
	mib: 2 ** 20,
	gib: 2 ** 30,
	tib: 2 ** 40,
};

const parseSize = (text: string): number | undefined => {
	const match = /^([\d.]+)\s*([a-z]+)$/i.exec(text.trim());
	const unit = units[match?.[2]?.toLowerCase() ?? ''];
	return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
};

/** Parses a line of `docker stats --format '{{.CPUPerc}}\t{{.MemUsage}}'`: `1.23%`, `12.5MiB / 1GiB`. */
export const parseUseLine = (line: string): Usage => {
	const [cpu = '', memory = ''] = line.split('\t');
	const [used = '', limit = ''] = memory.split('/');
	const percent = Number.parseFloat(cpu);
	return {
		cpuPercent: Number.isFinite(percent) ? percent : undefined,
		memoryBytes: parseSize(used),
		memoryLimitBytes: parseSize(limit),
	};
};
