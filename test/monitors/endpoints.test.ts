import { afterEach, describe, expect, test } from 'vitest';
import {
	type AlertReading,
	type HealthReading,
	type MetricSeries,
	type Reading,
	unread,
} from '../../src/runbook/reading.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { watchAlerts } from '../../src/services/monitors/alerts.ts';
import { watchHealth } from '../../src/services/monitors/health.ts';
import type { MetricsMonitor } from '../../src/services/monitors/metrics.ts';
import { watchMetrics } from '../../src/services/monitors/metrics.ts';
import { createStore } from '../../src/stores/store.ts';
import { serve } from '../helpers/http-server.ts';
import { until } from '../helpers/until.ts';

const open: { close(): Promise<unknown> }[] = [];
const keep = <T extends { close(): Promise<unknown> }>(thing: T): T => {
	open.push(thing);
	return thing;
};
afterEach(async () => {
	await Promise.all(open.splice(0).map((thing) => thing.close()));
});
const keepMonitor = (monitor: { stop(): void }) => keep({ close: async () => monitor.stop() });

describe('a health endpoint', () => {
	test('is ok, then down with a reason, then ok again; its history has a gap where it was silent', async () => {
		let behaviour: 'well' | 'ill' | 'silent' = 'well';
		const server = keep(
			await serve((_, response) => {
				if (behaviour !== 'silent') {
					response.writeHead(behaviour === 'well' ? 200 : 503).end(`{"status": "${behaviour}"}`);
				}
			}),
		);
		const store = createStore<Reading<HealthReading>>(unread(0));
		const monitor = {
			name: 'x',
			url: server.url,
			through: 'host' as const,
			intervalMs: 50,
			timeoutMs: 300,
			expect: { status: 200 },
		};
		keepMonitor(watchHealth(keep(new LocalHost()), monitor, store));
		expect(await until(store, ({ state }) => state === 'ok')).toMatchObject({
			value: { status: 200, body: '{"status": "well"}' },
		});
		behaviour = 'ill';
		expect(await until(store, ({ state }) => state === 'down')).toMatchObject({ reason: 'status 503 instead of 200' });
		behaviour = 'silent';
		const silent = await until(store, ({ reason }) => reason === 'no answer within 0.3 s');
		expect(silent.value?.status).toBeUndefined();
		behaviour = 'well';
		const { value } = await until(store, ({ state }) => state === 'ok');
		expect(value?.history).toContain(undefined);
	});

	test('is unknown, with its last value, when the link is closed', async () => {
		const server = keep(await serve((_, response) => response.end('ok')));
		const host = new LocalHost();
		const store = createStore<Reading<HealthReading>>(unread(0));
		const monitor = {
			name: 'x',
			url: server.url,
			through: 'host' as const,
			intervalMs: 50,
			timeoutMs: 300,
			expect: { status: 200 },
		};
		keepMonitor(watchHealth(host, monitor, store));
		const before = await until(store, ({ state }) => state === 'ok');
		await host.close();
		const after = await until(store, ({ state }) => state === 'unknown');
		expect(after.reason).toBe('the link is closed');
		expect(after.value?.status).toBe(200);
		expect(after.at).toBeGreaterThanOrEqual(before.at);
	});

	test('must match the body where that is asked', async () => {
		const server = keep(await serve((_, response) => response.end('{"gateway": "disconnected"}')));
		const store = createStore<Reading<HealthReading>>(unread(0));
		const expected = { status: 200, body: '"gateway": "connected"' };
		const monitor = {
			name: 'x',
			url: server.url,
			through: 'host' as const,
			intervalMs: 5000,
			timeoutMs: 3000,
			expect: expected,
		};
		keepMonitor(watchHealth(keep(new LocalHost()), monitor, store));
		expect((await until(store, ({ state }) => state === 'down')).reason).toMatch(/does not match/);
	});
});

describe('metrics', () => {
	test('rates survive a reset, several series are added up, a missing one is said', async () => {
		let total = 100;
		const server = keep(
			await serve((_, response) => {
				total = total > 150 ? 1 : total + 25;
				response.end(
					`orders_total{side="buy"} ${total}\norders_total{side="sell"} 5\nnav{b="1"} 2\nnav{b="2"} 3\nnav{b="3"} NaN\n`,
				);
			}),
		);
		const store = createStore<Reading<readonly MetricSeries[]>>(unread(0));
		const monitor: MetricsMonitor = {
			url: server.url,
			through: 'host',
			intervalMs: 50,
			timeoutMs: 1000,
			series: [
				{ series: 'orders_total', title: 'Orders', unit: '/s', rate: true },
				{ series: 'nav', title: 'NAV', rate: false },
				{ series: 'absent', title: 'Absent', rate: false },
			],
		};
		keepMonitor(watchMetrics(keep(new LocalHost()), monitor, store));
		const { value, state, reason } = await until(store, (reading) => (reading.value?.[0]?.history.length ?? 0) > 8);
		expect([state, reason]).toEqual(['warn', 'no series absent']);
		expect(value?.[1]?.value).toBe(5);
		expect(value?.[2]?.value).toBeUndefined();
		const rates = value?.[0]?.history ?? [];
		expect(rates[0]).toBeUndefined();
		expect(rates.slice(1).every((rate) => rate !== undefined && rate > 0)).toBe(true);
	});

	test('an endpoint that gives no metrics is down', async () => {
		const server = keep(await serve((_, response) => response.writeHead(404).end('nothing here')));
		const store = createStore<Reading<readonly MetricSeries[]>>(unread(0));
		const series = [{ series: 'nav', title: 'NAV', rate: false }];
		const monitor = { url: server.url, through: 'host' as const, intervalMs: 5000, timeoutMs: 1000, series };
		keepMonitor(watchMetrics(keep(new LocalHost()), monitor, store));
		expect(await until(store, ({ state }) => state === 'down')).toMatchObject({ reason: 'status 404' });
	});
});

describe('alerts', () => {
	const alert = (alertname: string, severity: string, startsAt: string, state = 'active') => ({
		labels: { alertname, severity },
		annotations: { summary: `${alertname} is bad` },
		startsAt,
		status: { state },
	});

	test('the worst come first, suppressed ones not at all', async () => {
		const list = [
			alert('Slow', 'warning', '2026-01-01T00:00:00Z'),
			alert('Muted', 'critical', '2026-01-01T00:00:00Z', 'suppressed'),
			alert('Newer', 'critical', '2026-01-03T00:00:00Z'),
			alert('Down', 'critical', '2026-01-02T00:00:00Z'),
		];
		let asked = '';
		const server = keep(
			await serve((request, response) => {
				asked = request.url ?? '';
				response.end(JSON.stringify(list));
			}),
		);
		const store = createStore<Reading<readonly AlertReading[]>>(unread(0));
		const monitor = { url: `${server.url}/`, through: 'host' as const, intervalMs: 5000, timeoutMs: 1000, ignore: [] };
		keepMonitor(watchAlerts(keep(new LocalHost()), monitor, store));
		const reading = await until(store, ({ state }) => state === 'down');
		expect(reading.value?.map(({ name }) => name)).toEqual(['Down', 'Newer', 'Slow']);
		expect(reading.reason).toBe('3 alerts fire');
		expect(asked).toMatch(/^\/api\/v2\/alerts\?active=true&silenced=false/);
	});

	test.each(['<html>', '{"status":"success"}', ''])(
		'%j is no answer of an Alertmanager: unknown, not quiet',
		async (body) => {
			const server = keep(await serve((_, response) => response.end(body)));
			const store = createStore<Reading<readonly AlertReading[]>>(unread(0));
			const monitor = { url: server.url, through: 'host' as const, intervalMs: 5000, timeoutMs: 1000, ignore: [] };
			keepMonitor(watchAlerts(keep(new LocalHost()), monitor, store));
			const reading = await until(store, ({ reason }) => reason === 'the answer is not what Alertmanager gives');
			expect([reading.state, reading.value]).toEqual(['unknown', undefined]);
		},
	);
});
