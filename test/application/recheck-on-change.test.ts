import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recheckOnChange } from '../../src/application/watching/recheck-on-change.ts';
import type { Instance } from '../../src/engine/instance.ts';
import { type HealthReading, notReadYet, type Reading } from '../../src/runbook/reading.ts';
import { createInstanceModel, type InstanceModel } from '../../src/services/instances/instance-model.ts';
import { createStore } from '../../src/stores/store.ts';
import { createMemoryEngine, type MemoryEngine } from '../helpers/memory-engine.ts';

const { signal } = new AbortController();
const reading = <T>(value: T, state: Reading<T>['state'] = 'ok'): Reading<T> => ({
	value,
	state,
	at: 1,
	maxAgeMs: 5000,
});

const health = createStore(reading<HealthReading>({ history: [] } as unknown as HealthReading));
let engine: MemoryEngine;
let instances: InstanceModel;
let looks = 0;
let end = () => {};
const read = () => instances.refresh(() => 0, false, signal);
const watch = () => {
	end = recheckOnChange(instances, [{ name: 'web', url: 'http://x', reading: health }], () => looks++);
};
const change = (to: Partial<Instance>) => {
	engine.put({ id: 'web', ...to });
	return instances.inspect('web');
};

beforeEach(async () => {
	vi.useFakeTimers();
	looks = 0;
	engine = createMemoryEngine();
	instances = createInstanceModel(engine);
	engine.put({ id: 'web' });
	await read();
	health.set(reading({ history: [] } as unknown as HealthReading));
	watch();
});
afterEach(() => {
	end();
	vi.useRealTimers();
});

test('the checks are looked at again when a container or an endpoint has changed, at once', async () => {
	await change({ status: 'exited' });
	expect(looks).toBe(1);
	vi.advanceTimersByTime(2000);
	health.update((now) => ({ ...now, state: 'down' }));
	expect(looks).toBe(2);
});

test('and not when only a figure has', async () => {
	await change({ probes: [{ endedAt: 5, exitCode: 0, output: '' }] });
	health.update((now) => ({ ...now, at: 2 }));
	vi.advanceTimersByTime(5000);
	expect(looks).toBe(0);
});

test('at most once a second, and for the last change too', async () => {
	for (let restarts = 1; restarts <= 5; restarts++) {
		await change({ restarts });
	}
	expect(looks).toBe(1);
	vi.advanceTimersByTime(1000);
	expect(looks).toBe(2);
	vi.advanceTimersByTime(5000);
	expect(looks).toBe(2);
});

test('and not when something is read for the first time, or again and as it was', async () => {
	end();
	instances = createInstanceModel(engine);
	health.set({ value: undefined, state: 'unknown', reason: notReadYet, at: 0, maxAgeMs: 5000 });
	watch();
	await read();
	health.set(reading({ history: [] } as unknown as HealthReading));
	instances.fail('the link is lost');
	await read();
	expect(looks).toBe(0);
	await change({ restarts: 4 });
	expect(looks).toBe(1);
});

test('never after its end', async () => {
	end();
	engine.remove('web');
	await read();
	vi.advanceTimersByTime(5000);
	expect(looks).toBe(0);
});
