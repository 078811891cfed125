import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ContainerReading, type Reading, unread } from '../../src/runbook/reading.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import { watchInstances } from '../../src/services/instances/instance-watch.ts';
import { watchContainers } from '../../src/services/monitors/containers.ts';
import { createStore } from '../../src/stores/store.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'Date', 'performance'] });
});
afterEach(() => {
	vi.useRealTimers();
});

test('usage that can still be read keeps nothing fresh once the engine no longer answers', async () => {
	const memory = createMemoryEngine();
	memory.put({ id: 'web' });
	let hangs = false;
	const answer = <T>(read: () => Promise<T>) => (hangs ? new Promise<T>(() => {}) : read());
	let bytes = 0;
	const engine = {
		...memory,
		list: (signal?: AbortSignal) => answer(() => memory.list(signal)),
		inspect: (id: string, signal?: AbortSignal) => answer(() => memory.inspect(id, signal)),
		usageOfAll: async function* () {
			for (;;) {
				bytes += 1_000_000;
				yield new Map([['web', { memoryBytes: bytes }]]);
				await new Promise((resolve) => setTimeout(resolve, 2000));
			}
		},
	};
	const host = new LocalHost();
	const instances = createInstanceModel(engine);
	const store = createStore<Reading<readonly ContainerReading[]>>(unread(1000));
	const watched = { engine, host, instances };
	const stops = [watchContainers(watched, store).stop, watchInstances(watched).stop];
	await vi.advanceTimersByTimeAsync(9000);
	const { value } = store.get();
	expect(value?.[0]?.memoryBytes).toBe(bytes);
	hangs = true;
	const endAt = Date.now() + 12_000;
	await vi.advanceTimersByTimeAsync(11_000);
	const { at, maxAgeMs, value: last } = store.get();
	expect(last?.[0]?.memoryBytes).toBe(bytes);
	expect(at + maxAgeMs).toBeLessThanOrEqual(endAt);
	for (const stop of stops) {
		stop();
	}
	await host.close();
});
