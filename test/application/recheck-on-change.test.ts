import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recheckOnChange } from '../../src/application/watching/recheck-on-change.ts';
import { type ContainerReading, type HealthReading, notReadYet, type Reading } from '../../src/runbook/reading.ts';
import { createStore } from '../../src/stores/store.ts';

const container: ContainerReading = {
	id: 'a1',
	name: 'shop-web-1',
	service: 'web',
	status: 'running',
	restarts: 0,
	image: 'web:latest',
	imageId: 'sha256:1',
	cpuPercent: 1,
	state: 'ok',
};
const reading = <T>(value: T, state: Reading<T>['state'] = 'ok'): Reading<T> => ({
	value,
	state,
	at: 1,
	maxAgeMs: 5000,
});

const containers = createStore(reading<readonly ContainerReading[]>([container]));
const health = createStore(reading<HealthReading>({ history: [] } as unknown as HealthReading));
let looks = 0;
let end = () => {};

beforeEach(() => {
	vi.useFakeTimers();
	looks = 0;
	containers.set(reading([container]));
	health.set(reading({ history: [] } as unknown as HealthReading));
	end = recheckOnChange({ containers, health: [{ name: 'web', url: 'http://x', reading: health }] }, () => looks++);
});
afterEach(() => {
	end();
	vi.useRealTimers();
});

test('the checks are looked at again when a container or an endpoint has changed, at once', () => {
	containers.set(reading([{ ...container, status: 'exited' }]));
	expect(looks).toBe(1);
	vi.advanceTimersByTime(2000);
	health.update((now) => ({ ...now, state: 'down' }));
	expect(looks).toBe(2);
});

test('and not when only a figure has', () => {
	containers.set(reading([{ ...container, cpuPercent: 80 }]));
	health.update((now) => ({ ...now, at: 2 }));
	vi.advanceTimersByTime(5000);
	expect(looks).toBe(0);
});

test('at most once a second, and for the last change too', () => {
	for (let restarts = 1; restarts <= 5; restarts++) {
		containers.set(reading([{ ...container, restarts }]));
	}
	expect(looks).toBe(1);
	vi.advanceTimersByTime(1000);
	expect(looks).toBe(2);
	vi.advanceTimersByTime(5000);
	expect(looks).toBe(2);
});

test('and not when something is read for the first time, or again and as it was', () => {
	end();
	const unread = { value: undefined, state: 'unknown', reason: notReadYet, at: 0, maxAgeMs: 5000 } as const;
	containers.set(unread);
	health.set(unread);
	end = recheckOnChange({ containers, health: [{ name: 'web', url: 'http://x', reading: health }] }, () => looks++);
	// A list alone, and then an inspection, which knows more.
	containers.set({ ...reading([{ ...container, state: 'unknown' as const }]), state: 'unknown', reason: notReadYet });
	containers.set(reading([{ ...container, restarts: 3 }]));
	health.set(reading({ history: [] } as unknown as HealthReading));
	containers.update((now) => ({ ...now, state: 'unknown', reason: notReadYet }));
	containers.set(reading([{ ...container, restarts: 3 }]));
	expect(looks).toBe(0);
	containers.set(reading([{ ...container, restarts: 4 }]));
	expect(looks).toBe(1);
});

test('never after its end', () => {
	end();
	containers.set(reading([]));
	vi.advanceTimersByTime(5000);
	expect(looks).toBe(0);
});
