import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSessions, type SessionPermit } from '../../src/services/ssh/sessions.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** Tracks which ones have a place. */
const asking = (sessions: ReturnType<typeof createSessions>) => {
	const granted = new Map<string, SessionPermit>();
	return {
		granted,
		ask: (name: string, long: boolean) =>
			void sessions.acquire(long, undefined).then((permit) => granted.set(name, permit)),
		settled: () => vi.advanceTimersByTimeAsync(0),
	};
};

test('a server that refuses for a moment is asked again, though what was given up does not end', async () => {
	const sessions = createSessions(5);
	const { granted, ask, settled } = asking(sessions);
	ask('given up', false);
	await settled();
	granted.get('given up')?.giveUp();
	for (const name of ['a', 'b', 'c', 'd']) {
		ask(name, true);
	}
	ask('short', false);
	await settled();
	expect([...granted.keys()]).toEqual(['given up', 'a', 'b', 'c', 'd', 'short']);
	// The server has not noticed yet that others have ended.
	for (const name of ['short', 'd']) {
		expect(sessions.refused()).toBe(true);
		granted.get(name)?.release();
		granted.delete(name);
	}
	ask('d', true);
	ask('short', false);
	await settled();
	expect(granted.has('short')).toBe(false);
	await vi.advanceTimersByTimeAsync(1000);
	expect(granted.has('short')).toBe(true);
});

test('one place is kept for short commands, beside what was given up and has not ended', async () => {
	const sessions = createSessions(5, 4);
	const { granted, ask, settled } = asking(sessions);
	ask('given up', true);
	await settled();
	granted.get('given up')?.giveUp();
	for (const name of ['a', 'b', 'c']) {
		ask(name, true);
	}
	ask('short', false);
	await settled();
	expect([...granted.keys()]).toEqual(['given up', 'a', 'b', 'short']);
});

test('nothing is tried where nobody waits, or where our own limit is what is waited for', async () => {
	const sessions = createSessions(2, 2);
	const { ask, settled } = asking(sessions);
	ask('a', false);
	ask('b', false);
	await settled();
	await vi.advanceTimersByTimeAsync(60_000);
	ask('c', false);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(sessions.limit).toBe(2);
	expect(vi.getTimerCount()).toBe(0);
});
