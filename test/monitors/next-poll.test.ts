import { expect, test } from 'vitest';
import { nextPollAt } from '../../src/services/monitors/next-poll.ts';

test('looks that begin late do not drift: those of a second and of five stay on the same moments', () => {
	const looks = (everyMs: number): number[] => {
		const at = [1000];
		while ((at.at(-1) ?? 0) < 60_000) {
			// A timer is late, and a busy machine later.
			at.push(nextPollAt(1000, at.at(-1) ?? 0, everyMs) + ((at.length * 7) % 40));
		}
		return at;
	};
	const seconds = looks(1000);
	for (const five of looks(5000).filter((at) => at <= 60_000)) {
		expect(seconds.some((one) => Math.abs(one - five) <= 40)).toBe(true);
	}
});

test('a look that was asked for in between takes the place of the next only just before it', () => {
	expect(nextPollAt(0, 7000, 5000)).toBe(10_000);
	expect(nextPollAt(0, 8500, 5000)).toBe(10_000);
	expect(nextPollAt(0, 9000, 5000)).toBe(15_000);
});
