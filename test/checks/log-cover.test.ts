import { expect, test } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import { coverOf, parseLogSize } from '../../src/services/checks/log-cover.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const container = (maxSize?: string, driver = 'json-file') =>
	({ createdAt: start, startedAt: start, log: { driver, maxSize } }) as Instance;
const extent = (oldest: string, whole = true) => ({
	lines: oldest === '' ? 0 : 5,
	bytes: 100,
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
	expect(coverOf(container(undefined, 'local'), extent(at(3600)), 0)).toEqual({ from: start + 3_600_000, lost: true });
});

test('lines of an earlier run show that nothing of this one is gone', () => {
	expect(coverOf(container('1k'), extent(at(5)), 3)).toEqual({ from: start, lost: false });
});

test('a log that Docker never rotates and that begins late is judged from its first line on', () => {
	expect(coverOf(container(), extent(at(10)), 0)).toEqual({ from: start, lost: false });
	expect(coverOf(container(), extent(at(600)), 0)).toEqual({ from: start + 600_000, lost: false });
});
