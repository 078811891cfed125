import { expect, test } from 'vitest';
import { ErrorKinds, kindOf } from '../../src/services/checks/error-kinds.ts';

const kinds = (...lines: readonly string[]): ErrorKinds => {
	const all = new ErrorKinds();
	for (const line of lines) {
		all.add(line);
	}
	return all;
};

const hour = 3_600_000;

test('lines that differ in times, numbers and ids are the same error', () => {
	expect(kindOf('2026-11-28T03:49:17.123Z order 17 (5f3a9c2e-11aa-4bbb-8ccc-0123456789ab) failed')).toBe(
		kindOf('2026-11-29T15:00:02.9Z order 23456 (00000000-aaaa-4bbb-8ccc-ffffffffffff) failed'),
	);
	expect(kindOf('order 17 failed')).not.toBe(kindOf('order 17 was refused'));
});

test('an error that the run before had as often is no more; a new one is, and one that comes more often', () => {
	const before = kinds('order 1 failed', 'order 2 failed', 'slow: 3 s');
	const even = { now: 10 * hour, before: 10 * hour };
	expect(kinds('order 9 failed').moreThan(before, even)).toBe(0);
	expect(kinds('order 9 failed', 'KeyError: x').moreThan(before, even)).toBe(1);
	expect(kinds('slow: 1 s', 'slow: 2 s').moreThan(before, even)).toBe(2);
});

test('what counts is how often: a longer run may have more of the same', () => {
	const before = kinds('slow: 3 s');
	expect(kinds('slow: 1 s', 'slow: 2 s').moreThan(before, { now: 30 * hour, before: 10 * hour })).toBe(0);
	// If the length of the earlier run is unknown, only the number counts.
	expect(kinds('slow: 1 s', 'slow: 2 s').moreThan(before, { now: 30 * hour, before: 0 })).toBe(2);
});

test('nothing before: every error is more', () => {
	expect(kinds('a', 'b').moreThan(kinds(), { now: hour, before: hour })).toBe(2);
});

test('a log whose errors are all different has none that was there before', () => {
	const word = (at: number) => String(at).replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
	const many = kinds(...Array.from({ length: 600 }, (_, at) => `no ${word(at)} found`));
	expect(many.moreThan(many, { now: hour, before: hour })).toBeGreaterThan(0);
});
