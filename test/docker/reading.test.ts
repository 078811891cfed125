import { describe, expect, test } from 'vitest';
import { parseNanos, toTimestamp } from '../../src/engine/time.ts';
import { parseEvent } from '../../src/engines/docker/event.ts';
import { parseUseLine, toUse } from '../../src/engines/docker/stats.ts';
import { createHostClock } from '../../src/services/host/clock.ts';

describe('times', () => {
	test('nanoseconds survive the way there and back', () => {
		expect(toTimestamp(parseNanos('2026-11-22T21:05:40.784765086Z') ?? 0n)).toBe('1795381540.784765086');
		expect(toTimestamp(parseNanos('2026-11-22T22:05:40.5+01:00') ?? 0n)).toBe('1795381540.500000000');
	});

	test("Docker's zero time is no time", () => {
		expect(parseNanos('0001-01-01T00:00:00Z')).toBeUndefined();
		expect(parseNanos('yesterday')).toBeUndefined();
		expect(parseNanos(undefined)).toBeUndefined();
	});
});

describe("the host's clock", () => {
	const date = (ms: number) => new Date(ms).toUTCString();

	test('many answers narrow it down, and a moment is never taken for earlier than it was', () => {
		const offset = 3_600_400;
		const clock = createHostClock(() => 0);
		const claims: number[] = [];
		for (let local = 1_000_000; local < 1_010_000; local += 137) {
			clock.note(date(local + offset), local - 5, local);
			claims.push(clock.toLocal(5_000_000 + offset));
		}
		expect(Math.min(...claims)).toBeGreaterThanOrEqual(5_000_000);
		expect(claims.at(-1)).toBeLessThan(5_000_200);
	});

	test('a clock that was set is learned anew', () => {
		const clock = createHostClock(() => 0);
		clock.note(date(10_000_000), 10_000_000, 10_000_000);
		clock.note(date(90_000_000), 10_000_100, 10_000_100);
		expect(clock.toLocal(90_000_000)).toBe(10_000_100);
	});

	test('an answer without a date teaches nothing', () => {
		const clock = createHostClock(() => 7);
		clock.note(undefined, 1, 2);
		clock.note('never', 1, 2);
		expect([clock.known(), clock.now(), clock.toLocal(5)]).toEqual([false, 7, 5]);
	});
});

describe('events', () => {
	test('health and its detail are told apart, and nanoseconds are not rounded', () => {
		const line =
			'{"Type":"container","Action":"health_status: unhealthy","Actor":{"ID":"abc","Attributes":{"com.docker.compose.service":"web"}},"time":1795381540,"timeNano":1795381540784765087}';
		expect(parseEvent(line)).toEqual({
			id: 'abc',
			action: 'health_status',
			detail: 'unhealthy',
			service: 'web',
			nanos: 1795381540784765087n,
		});
	});

	test.each(['', '{', '{"Action":"exec_create: sh","id":"a"}', '{"Action":"die"}'])('%s is none', (line) => {
		expect(parseEvent(line)).toBeUndefined();
	});
});

describe('use', () => {
	const cpu = (total: number, system: number) => ({
		cpu_usage: { total_usage: total },
		system_cpu_usage: system,
		online_cpus: 2,
	});

	test('processor time is a share of all processors, as docker stats has it', () => {
		expect(toUse({ cpu_stats: cpu(300, 2000), precpu_stats: cpu(100, 1000) }, undefined).cpuPercent).toBe(40);
		expect(toUse({ cpu_stats: cpu(300, 2000) }, { cpu_stats: cpu(100, 1000) }).cpuPercent).toBe(40);
		expect(toUse({ cpu_stats: cpu(300, 2000) }, undefined).cpuPercent).toBeUndefined();
	});

	test('a cache that can be dropped is no memory used, under either cgroup version', () => {
		const memory = (stats: Record<string, number>) =>
			toUse({ memory_stats: { usage: 1000, limit: 5000, stats } }, undefined);
		expect(memory({ total_inactive_file: 400, inactive_file: 1 }).memoryBytes).toBe(600);
		expect(memory({ inactive_file: 300 }).memoryBytes).toBe(700);
		expect(memory({ inactive_file: 2000 }).memoryBytes).toBe(1000);
	});

	test('the line of the docker command gives the same', () => {
		expect(parseUseLine('1.25%\t12.5MiB / 1GiB')).toEqual({
			cpuPercent: 1.25,
			memoryBytes: 13_107_200,
			memoryLimitBytes: 1_073_741_824,
		});
		expect(parseUseLine('--\t-- / --')).toEqual({
			cpuPercent: undefined,
			memoryBytes: undefined,
			memoryLimitBytes: undefined,
		});
	});
});
