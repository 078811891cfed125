import { expect, test } from 'vitest';
import type { Session } from '../../src/application/fleet/session.ts';
import {
	capturedReadings,
	captureReadings,
	emergencyCaptureMs,
} from '../../src/application/watching/capture-readings.ts';
import type { ReadingsNow } from '../../src/application/watching/readings-now.ts';
import type { Target } from '../../src/runbook/runbook.ts';
import { createReadingStores } from '../../src/stores/readings.ts';
import { createStore } from '../../src/stores/store.ts';

test('before an emergency stop, an endpoint that does not answer is waited for hardly at all', async () => {
	const health = [{ name: 'web', url: 'http://127.0.0.1:8080/health' }];
	const target = { name: 'shop', runbook: { monitors: { health } } } as unknown as Target;
	const readings = { ...createReadingStores({ disk: true }, { health }), suggestion: createStore(undefined) };
	const session = {
		host: { name: 'host', link: createStore({ status: 'up' }) },
		target,
		monitoring: () => ({ readings, refresh: () => {}, attend: () => {}, stop: () => {} }),
	} as unknown as Session;
	const begun = performance.now();
	const captured = await captureReadings(
		session,
		'before',
		{ user: 'me', machine: 'here' },
		undefined,
		emergencyCaptureMs,
	);
	expect(performance.now() - begun).toBeLessThan(2000);
	expect(captured?.seen).toContainEqual(expect.objectContaining({ what: 'health web', state: 'unknown' }));
});

test('after a run, the commit that was read before its end is not taken for the one that it has left', async () => {
	const target = { name: 'shop', runbook: { monitors: { commit: {} } } } as unknown as Target;
	const readings = { ...createReadingStores({ commit: true }, {}), suggestion: createStore(undefined) };
	const read = (hash: string, at: number) => {
		const value = { hash, subject: hash, committedAt: 0, changed: [], untracked: [] };
		const reading = { state: 'ok', at, maxAgeMs: 60_000, value };
		readings.commit.set(reading as unknown as Parameters<typeof readings.commit.set>[0]);
	};
	read('old', Date.now() - 20_000);
	readings.containers.set({
		state: 'unknown',
		reason: 'the engine does not answer',
		at: 0,
		maxAgeMs: 1000,
		value: undefined,
	});
	const session = {
		host: { name: 'host', link: createStore({ status: 'up' }) },
		target,
		monitoring: () => ({ readings, refresh: () => {}, attend: () => {}, stop: () => {} }),
	} as unknown as Session;
	const operator = { user: 'me', machine: 'here' };
	const late = await captureReadings(session, 'after', operator, undefined, 1);
	expect(late?.commit).toBeUndefined();
	expect(late?.seen).toContainEqual(
		expect.objectContaining({ what: 'commit', state: 'unknown', said: 'not read since the run ended' }),
	);
	const waiting = captureReadings(session, 'after', operator);
	read('new', Date.now() + 1);
	expect((await waiting)?.commit).toMatchObject({ hash: 'new' });
});

test('how long a container is up is said in days and hours', () => {
	const at = Date.UTC(2026, 10, 29);
	const up = {
		service: 'web',
		status: 'running',
		restarts: 0,
		startedAt: at - 92_908_000,
		image: 'web:1',
		state: 'ok',
	};
	const now = { at, health: [], containers: { state: 'ok', at, stale: false, value: [up] } };
	const { seen } = capturedReadings(now as unknown as ReadingsNow, 'before', { user: 'me', machine: 'here' });
	expect(seen[0]?.said).toBe('running, 0 restarts, up 1d 1h, web:1');
});
