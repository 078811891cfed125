import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HealthReading, type Reading, unread } from '../../src/runbook/reading.ts';
import type { CheckDefinition } from '../../src/runbook/runbook.ts';
import { startChecks } from '../../src/services/checks/check-runner.ts';
import type { CheckedOutcome } from '../../src/services/checks/outcome.ts';
import type { Host } from '../../src/services/host/host.ts';
import { LocalHost } from '../../src/services/host/local-host.ts';
import { openHost } from '../../src/services/host/open.ts';
import { watchAlerts } from '../../src/services/monitors/alerts.ts';
import { watchHealth } from '../../src/services/monitors/health.ts';
import { watchMetrics } from '../../src/services/monitors/metrics.ts';
import { createStore } from '../../src/stores/store.ts';
import { until } from '../helpers/until.ts';
import { watchedCompose } from '../helpers/watched-compose.ts';
import { type Sshd, sshdMissing, startSshd } from '../ssh/sshd.ts';
import { says } from './answers.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type EndpointFault, endpointFaults, timeOut } from './endpoint-faults.ts';
import { type FaultyServer, startFaulty } from './faulty-server.ts';

const well = says('200 OK', '{"status": "well"}');
const target = { project: 'x', directory: '/', projectGiven: true };

/** Time limit for anything that must happen, on a loaded machine, ms. */
const patience = 90_000;
const ways = [
	['direct', {}],
	['from this machine as a host', { tags: 'long' }],
	['through SSH', {}],
] as const;

type Closers = (() => Promise<unknown> | unknown)[];

describe.each(ways)('an endpoint asked %s', (way, form) => {
	let certificates: Certificates;
	let sshd: Sshd | undefined;
	const trusted = getCACertificates('default');

	beforeAll(async () => {
		certificates = makeCertificates();
		setDefaultCACertificates([...trusted, certificates.authority]);
		if (way === 'through SSH' && sshdMissing() === undefined) {
			sshd = await startSshd();
		}
	});
	afterAll(async () => {
		setDefaultCACertificates(trusted);
		await sshd?.stop();
	});

	const setUp = async (fault: EndpointFault, open: Closers) => {
		const host =
			sshd === undefined
				? new LocalHost({ env: { PATH: '/nonexistent' } })
				: openHost(
						{ host: sshd.destination, ssh: { identityFile: sshd.identity } },
						{ home: sshd.home, env: { PATH: process.env.PATH } },
					);
		open.push(() => host.close());
		await host.ready();
		const certificate = fault.tls === undefined || fault.tls === 'plain' ? undefined : certificates[fault.tls];
		const ill = await startFaulty(fault.answer, certificate);
		const neighbour = await startFaulty(well);
		open.unshift(
			() => ill.close(),
			() => neighbour.close(),
		);
		const url = `${fault.tls === undefined ? 'http' : 'https'}://127.0.0.1:${ill.port}`;
		return { host, ill, neighbour, url };
	};
	const askingOf = (fault: EndpointFault) => ({
		through: way === 'direct' ? ('direct' as const) : ('host' as const),
		intervalMs: 60_000,
		// A response may take its time on a loaded machine.
		timeoutMs: fault.says === timeOut ? 1500 : 60_000,
	});
	const expectation = { status: 200, body: '"status": "well"' };

	/** A neighbour on the same connection stays well, and its reading young. */
	const watchNeighbour = (host: Host, neighbour: FaultyServer, open: Closers, asking: ReturnType<typeof askingOf>) => {
		const reading = createStore<Reading<HealthReading>>(unread(0));
		const url = `http://127.0.0.1:${neighbour.port}`;
		const monitor = watchHealth(
			host,
			{ ...asking, timeoutMs: 20_000, intervalMs: 200, name: 'neighbour', url, expect: expectation },
			reading,
		);
		open.push(() => monitor.stop());
		return async () => {
			const since = Date.now();
			await until(reading, ({ state, at }) => state === 'ok' && at > since, patience);
		};
	};

	test.concurrent.each(endpointFaults.map((fault) => [fault.name, fault] as const))(
		'%s',
		{ timeout: 3 * patience, ...form },
		async (_, fault) => {
			const open: Closers = [];
			try {
				await live(fault, open);
			} finally {
				for (const close of open.reverse()) {
					await close();
				}
			}
		},
	);

	const live = async (fault: EndpointFault, open: Closers) => {
		const asking = askingOf(fault);
		const { host, ill, neighbour, url } = await setUp(fault, open);
		const neighbourIsFresh = watchNeighbour(host, neighbour, open, asking);

		const health = createStore<Reading<unknown>>(unread(0));
		const metrics = createStore<Reading<unknown>>(unread(0));
		const alerts = createStore<Reading<unknown>>(unread(0));
		const series = [{ series: 'nav', title: 'NAV', rate: false }];
		const monitors = [
			watchHealth(host, { ...asking, name: 'x', url, expect: expectation }, health as never),
			watchMetrics(host, { ...asking, url, series }, metrics as never),
			watchAlerts(host, { ...asking, url, ignore: [] }, alerts as never),
		];
		const checks: CheckDefinition[] = [
			{ kind: 'http', id: 'health', title: 'Health', url, expect: expectation, ...asking },
			{ kind: 'metrics', id: 'metrics', title: 'Metrics', url, prefix: 'nav', moves: false, ...asking },
		] as CheckDefinition[];
		const looked = createStore<readonly CheckedOutcome[]>([]);
		const looks = startChecks(
			{ ...watchedCompose(host, target), target },
			{ checks, intervalMs: 60_000, onResult: (result) => looked.set([...looked.get(), result]) },
		);
		open.push(...[looks, ...monitors].map((monitor) => () => monitor.stop()));

		await until(health, ({ state, reason }) => state === 'down' && fault.says.test(reason ?? ''), patience);
		await until(metrics, ({ state, reason }) => state === 'down' && fault.says.test(reason ?? ''), patience);
		// Without a response from an Alertmanager its alerts are unknown, not none.
		await until(alerts, ({ state, reason }) => state === 'unknown' && fault.says.test(reason ?? ''), patience);
		await until(looked, (all) => new Set(all.map(({ id }) => id)).size === 2, patience);
		expect(looked.get().filter(({ state }) => state === 'passed')).toEqual([]);
		expect(looked.get().every(({ reason }) => reason !== '' && reason.length < 300)).toBe(true);
		await neighbourIsFresh();

		// When it is well again, so is its reading, without further action.
		if (fault.tls === undefined) {
			ill.become(well);
			const again = setInterval(() => {
				for (const monitor of monitors) {
					monitor.refresh();
				}
			}, 500);
			open.push(() => clearInterval(again));
			await until(health, ({ state }) => state === 'ok', patience);
			clearInterval(again);
		}
		for (const monitor of [looks, ...monitors]) {
			monitor.stop();
		}
		await host.close();
		await ill.allClosed();
		await neighbour.allClosed();
		// The bytes that were read, and those in the buffers on the way.
		expect(ill.mostSent).toBeLessThan(40 * 1024 * 1024);
	};
});
