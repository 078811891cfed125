import { expect, test } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import { coverOf, parseLogSize } from '../../src/services/checks/log-cover.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const container = (maxSize?: string, driver = 'json-file', more: Partial<Instance> = {}) =>
	({ createdAt: start, startedAt: start, log: { driver, maxSize }, ...more }) as Instance;
const extent = (oldest: string, whole = true, bytes = 100) => ({
	lines: oldest === '' ? 0 : 5,
	bytes,
	oldest,
	newest: oldest,
	whole,
	broken: false,
});

test('sizes as Docker takes them', () => {
	expect(['10m', '1k', '512', '1gb', '2MiB', 'x', undefined].map(parseLogSize)).toEqual([
		10 * 1024 ** 2,
		1024,
		512,
		1024 ** 3,
		2 * 1024 ** 2,
		undefined,
		undefined,
	]);
});

test('a log that begins with the start, or is empty, covers the run', () => {
	expect(coverOf(container('1k'), extent(at(0)), 0)).toEqual({ from: start, lost: false });
	expect(coverOf(container('1k'), extent(''), 0)).toEqual({ from: start, lost: false });
});

test('a log that begins later has lost lines where as much could have been written meanwhile as makes Docker rotate it', () => {
	expect(coverOf(container('1k'), extent(at(5)), 0)).toEqual({ from: start + 5000, lost: true });
	// No service writes 10 MB in five seconds, so it was silent.
	expect(coverOf(container('10m'), extent(at(5)), 0)).toEqual({ from: start, lost: false });
	expect(coverOf(container('10m'), extent(at(600)), 0)).toEqual({ from: start + 600_000, lost: true });
	expect(coverOf(container(undefined, 'local'), extent(at(3600), true, 20e6), 0)).toEqual({
		from: start + 3_600_000,
		lost: true,
	});
	expect(coverOf(container(undefined, 'syslog'), extent(at(3600), true, 20e6), 0)).toMatchObject({ lost: true });
});

test('a log that begins before the start that Docker noted has lost lines where the process may have written as much before', () => {
	// Made a second before, and its first line is 100 ms old when Docker notes the start.
	const made = { createdAt: start - 1000 };
	expect(coverOf(container('4k', 'json-file', made), extent(at(-0.1)), 0)).toEqual({ from: start, lost: true });
	// A container may wait for its start, and no process writes that much before it is noted.
	expect(coverOf(container('100k', 'json-file', made), extent(at(-0.1)), 0)).toEqual({ from: start, lost: false });
	expect(coverOf(container('100k', 'json-file', made), extent(at(0.01)), 0)).toEqual({ from: start + 10, lost: true });
	// The process before it ended 102 ms before the start: in 2 ms nothing writes 4 KiB.
	const again = { createdAt: start - 1000, logFrom: BigInt(start - 102) * 1_000_000n };
	expect(coverOf(container('4k', 'json-file', again), extent(at(-0.1)), 0)).toEqual({ from: start, lost: false });
});

test('a log that is shorter than the files that are kept has lost nothing', () => {
	const kept = (bytes: number) =>
		coverOf(
			container('10k', 'json-file', { log: { driver: 'json-file', maxSize: '10k', maxFiles: 3 } }),
			extent(at(5), true, bytes),
			0,
		);
	expect(kept(2000)).toEqual({ from: start, lost: false });
	// A line takes more of the file than it says, so these may have filled two of them.
	expect(kept(6000)).toEqual({ from: start + 5000, lost: true });
	expect(coverOf(container('10k', 'json-file'), extent(at(5), true, 10), 0).lost).toBe(true);
	// By default `local` keeps five files.
	expect(coverOf(container(undefined, 'local'), extent(at(30), true, 1e6), 0)).toEqual({ from: start, lost: false });
});

test('lines of an earlier run show that nothing of this one is gone', () => {
	expect(coverOf(container('1k'), extent(at(5)), 3)).toEqual({ from: start, lost: false });
});

test('a log that Docker never rotates and that begins late is judged from its first line on', () => {
	expect(coverOf(container(), extent(at(10)), 0)).toEqual({ from: start, lost: false });
	expect(coverOf(container(), extent(at(600)), 0)).toEqual({ from: start + 600_000, lost: false });
});
