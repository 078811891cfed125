import { expect, test } from 'vitest';
import { type Reading, unread } from '../../src/runbook/reading.ts';
import { createPublisher } from '../../src/services/monitors/sink.ts';
import { createStore } from '../../src/stores/store.ts';

test('a value that is judged again keeps the time at which it was read', () => {
	const store = createStore<Reading<string | undefined>>(unread(0));
	const publisher = createPublisher(store, { maxAgeMs: 1000 });
	const readAt = Date.now() - 20_000;
	publisher.publish('a1b2c3', 'ok', undefined, readAt);
	publisher.publish('a1b2c3', 'warn', 'it was rolled back', readAt);
	expect(store.get()).toMatchObject({ value: 'a1b2c3', state: 'warn', reason: 'it was rolled back', at: readAt });
	publisher.publish('a1b2c3', 'warn', 'it was rolled back');
	expect(store.get().at).toBeGreaterThan(readAt);
});
