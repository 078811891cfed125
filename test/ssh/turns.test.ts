import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConnectionLimiter } from '../../src/services/ssh/connection-limiter.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** Takes turns by name and notes who has got one. */
const queue = (most: number) => {
	const turns = createConnectionLimiter(most, 1000);
	const granted: string[] = [];
	const ends = new Map<string, () => void>();
	const urgent = new Set<string>();
	const leave = new AbortController();
	const take = (name: string) => {
		turns
			.take(leave.signal, () => urgent.has(name))
			.then(
				(end) => {
					granted.push(name);
					ends.set(name, end);
				},
				() => granted.push(`${name} left`),
			);
	};
	const settled = () => vi.advanceTimersByTimeAsync(0);
	return { turns, granted, ends, urgent, leave, take, settled };
};

test('at most so many at once; the next comes when one is done, in the order they came', async () => {
	const { granted, ends, take, settled } = queue(2);
	for (const name of ['a', 'b', 'c', 'd']) {
		take(name);
	}
	await settled();
	expect(granted).toEqual(['a', 'b']);
	ends.get('b')?.();
	// Ending twice is ending once.
	ends.get('b')?.();
	await settled();
	expect(granted).toEqual(['a', 'b', 'c']);
});

test('a host that does not answer holds up no other', async () => {
	const { granted, take } = queue(1);
	take('dead');
	take('next');
	await vi.advanceTimersByTimeAsync(999);
	expect(granted).toEqual(['dead']);
	await vi.advanceTimersByTimeAsync(1);
	expect(granted).toEqual(['dead', 'next']);
});

test('who is urgent waits for nobody, also when that turns out only while it waits', async () => {
	const { turns, granted, urgent, take, settled } = queue(1);
	for (const name of ['a', 'b', 'c']) {
		take(name);
	}
	urgent.add('c');
	turns.hurry();
	await settled();
	expect(granted).toEqual(['a', 'c']);
});

test('who gives up leaves the queue', async () => {
	const { granted, ends, leave, take, settled } = queue(1);
	take('a');
	take('b');
	await settled();
	leave.abort(new Error('closed'));
	ends.get('a')?.();
	await settled();
	expect(granted).toEqual(['a', 'b left']);
});
