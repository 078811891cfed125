import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import { recheckInterval, spaced } from '../../src/services/checks/recheck-interval.ts';
import { msOf } from '../../src/services/monitors/poll-rate.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

const script: CheckDefinition = {
	id: 's',
	title: 'S',
	kind: 'script',
	script: 'true',
	timeoutMs: 1000,
	intervalMs: 60_000,
};

test('a script is looked at seldom while it passes, soon after a failure, and seldom again while that lasts', () => {
	const interval = recheckInterval(script, 5000, false);
	expect(msOf(interval.ms)).toBe(60_000);
	const seen = [1, 2, 3, 4, 5, 6].map(() => {
		interval.saw('failed');
		return msOf(interval.ms);
	});
	expect(seen).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000]);
	interval.saw('passed');
	expect(msOf(interval.ms)).toBe(60_000);
});

test('while a verdict is waited for it is looked at every five seconds, other checks as they are', () => {
	expect(msOf(recheckInterval(script, 1000, true).ms)).toBe(5000);
	expect(msOf(recheckInterval({ id: 'c', title: 'C', kind: 'containers', except: [] }, 1000, true).ms)).toBe(1000);
});

test('what is asked for too soon comes once, when the time has passed', () => {
	let acts = 0;
	const space = spaced(5000, () => {
		acts++;
		space.began();
	});
	space.request();
	expect(acts).toBe(1);
	space.request();
	space.request();
	expect(acts).toBe(1);
	vi.advanceTimersByTime(5000);
	expect(acts).toBe(2);
	vi.advanceTimersByTime(20_000);
	expect(acts).toBe(2);
	space.request();
	space.request();
	space.stop();
	vi.advanceTimersByTime(20_000);
	expect(acts).toBe(3);
});
