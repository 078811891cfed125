import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Instance } from '../../src/engine/instance.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { createInstanceModel } from '../../src/services/instances/instance-model.ts';
import { watchInstances } from '../../src/services/instances/instance-watch.ts';
import { createMemoryEngine } from '../helpers/memory-engine.ts';

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'Date', 'performance'] });
});
afterEach(() => {
	vi.useRealTimers();
});

/** Watches two instances; `unseen` changes what an inspection shows, without an event. */
const watching = async () => {
	const memory = createMemoryEngine();
	memory.put({ id: 'web' });
	memory.put({ id: 'database' });
	let unseen: Partial<Instance> = {};
	const engine = {
		...memory,
		streams: () => true,
		inspect: async (id: string) => {
			const found = await memory.inspect(id);
			return found && { ...found, ...unseen };
		},
	};
	const host = new LocalHost();
	const instances = createInstanceModel(engine);
	const failures: string[] = [];
	instances.subscribe({ changed: () => {}, failed: (reason) => failures.push(reason) });
	const watch = watchInstances({ engine, host, instances });
	await vi.advanceTimersByTimeAsync(1000);
	memory.asked.length = 0;
	return {
		memory,
		instances,
		failures,
		lists: () => memory.asked.filter((one) => one === 'list').length,
		change: (change: Partial<Instance>) => {
			unseen = change;
		},
		after: (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000),
		stop: async () => {
			watch.stop();
			await host.close();
		},
	};
};

test('while events are heard, it lists once a minute, and asks for an instance every five seconds', async () => {
	const { memory, lists, after, instances, stop } = await watching();
	await after(50);
	expect(lists()).toBe(0);
	expect(memory.asked.length).toBeGreaterThanOrEqual(9);
	memory.put({ id: 'web', status: 'exited', exitCode: 1 }, 'die');
	memory.put({ id: 'worker' }, 'create');
	await after(0.1);
	expect(instances.get().instances.map(({ id, status }) => [id, status])).toEqual([
		['database', 'running'],
		['web', 'exited'],
		['worker', 'running'],
	]);
	await after(69.9);
	expect(lists()).toBe(2);
	await stop();
});

test('a check that asks in between needs no list either, unless the engine fails', async () => {
	const { memory, after, instances, stop } = await watching();
	const [known] = await Promise.all([instances.takeKnown(), after(0.01)]);
	expect(known.map(({ id }) => id)).toEqual(['web', 'database']);
	expect(memory.asked).toEqual([]);
	memory.fail('it hangs');
	await after(5);
	await expect(instances.takeKnown()).rejects.toThrow('it hangs');
	await stop();
});

test('an engine that no longer answers is noticed as soon as by a list', async () => {
	const { memory, failures, after, stop } = await watching();
	memory.fail('it hangs');
	await after(5);
	expect(failures).toContain('it hangs');
	await stop();
});

test('a change that no event has told of makes it list every five seconds', async () => {
	const { lists, change, after, stop } = await watching();
	change({ status: 'paused' });
	await after(12);
	const before = lists();
	await after(30);
	expect(lists() - before).toBe(6);
	// Later, events are given another chance.
	await after(600);
	const later = lists();
	await after(50);
	expect(lists() - later).toBeLessThanOrEqual(1);
	await stop();
});
