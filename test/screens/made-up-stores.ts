import type { Verification } from '../../src/runbook/check.ts';
import type { Suggestion } from '../../src/runbook/diagnose.ts';
import type { LinkState } from '../../src/runbook/link.ts';
import type { MissingHost } from '../../src/runbook/missing-host.ts';
import type {
	AlertReading,
	BackupReading,
	CommitReading,
	ContainerReading,
	DiskReading,
	HealthReading,
	LogErrorsReading,
	MetricSeries,
	Reading,
} from '../../src/runbook/reading.ts';
import type { LockHolder, RunSummary } from '../../src/runbook/run.ts';
import { createStore } from '../../src/stores/store.ts';
import type { PendingPrompt } from '../../src/stores/workspace.ts';
import { checks, container, hour, minute, reading, wave } from './made-up.ts';

/** The readings of a night on which the engine restarts again and again, as stores that a test can change. */
export const madeUpStores = (now: number) => ({
	link: createStore<LinkState>({ status: 'up', since: now - hour, rttMs: 43, heardAt: now }),
	containers: createStore<Reading<readonly ContainerReading[]>>(
		reading(
			[
				container(
					'trading-engine',
					{
						status: 'restarting',
						restarts: 7,
						state: 'down',
						startedAt: now - 4000,
						exitCode: 1,
						cpuPercent: undefined,
					},
					now,
				),
				container(
					'ibgateway',
					{ health: 'healthy', cpuPercent: 41, memoryBytes: 812 * 1024 * 1024, memoryLimitBytes: 1024 * 1024 * 1024 },
					now,
				),
				container('postgres', { health: 'healthy', cpuPercent: 6 }, now),
				container('prometheus', { cpuPercent: 2 }, now),
				container('grafana', { cpuPercent: 1 }, now),
				container('alertmanager', { cpuPercent: 0 }, now),
				container('loki', { status: 'running', health: 'starting', state: 'warn', startedAt: now - 40_000 }, now),
			],
			now,
			'down',
			'trading-engine restarts',
		),
	),
	engine: createStore<Reading<HealthReading>>(
		reading({ history: [12, 14, 11, 13, undefined, undefined, undefined] }, now, 'down', 'connection refused'),
	),
	grafana: createStore<Reading<HealthReading>>(reading({ status: 200, latencyMs: 9, history: wave(40, 9, 4) }, now)),
	metrics: createStore<Reading<readonly MetricSeries[]>>(
		reading(
			[
				{ name: 'abstractfinance_nav', title: 'NAV', unit: 'EUR', value: 1_204_332, history: wave(40, 1.2e6, 900) },
				{
					name: 'abstractfinance_orders_total',
					title: 'Orders',
					unit: '/s',
					value: 0.42,
					history: wave(40, 0.4, 0.2),
				},
				{ name: 'abstractfinance_positions', title: 'Positions', value: 14, history: wave(40, 14, 2) },
			],
			now,
		),
	),
	alerts: createStore<Reading<readonly AlertReading[]>>(
		reading(
			[
				{
					name: 'EngineDown',
					severity: 'critical',
					summary: 'The engine answers nothing',
					startsAt: now - 4 * minute,
				},
				{ name: 'OrdersStopped', severity: 'warning', summary: 'No order for 5 minutes', startsAt: now - 2 * minute },
			],
			now,
			'down',
		),
	),
	commit: createStore<Reading<CommitReading>>(
		reading(
			{
				hash: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
				subject: 'Raise the leverage cap',
				branch: 'main',
				committedAt: now - 14 * minute,
				changed: 2,
				untracked: 0,
			},
			now,
		),
	),
	backups: createStore<Reading<BackupReading>>(
		reading({ name: 'nightly.sql.gz', bytes: 14_680_064, modifiedAt: now - 2 * hour, count: 12 }, now),
	),
	disk: createStore<Reading<DiskReading>>(reading({ path: '/', usedPercent: 71, freeBytes: 22_548_578_304 }, now)),
	logErrors: createStore<Reading<LogErrorsReading>>(
		reading({ perMinute: 14, history: [0, 0, 0, 1, 0, 0, 12, 14] }, now, 'warn', 'since 03:06'),
	),
	verification: createStore<Verification | undefined>(checks(now)),
	lock: createStore<LockHolder | undefined>(undefined),
	runsMissing: createStore<readonly MissingHost[]>([]),
	runs: createStore<readonly RunSummary[] | undefined>([
		{
			id: '20261121T181200Z-4f1c',
			procedure: 'rollback-commit',
			title: 'Roll back to a commit',
			who: { user: 'mara', machine: 'laptop' },
			reason: 'orders rejected',
			startedAt: now - 9 * hour,
			endedAt: now - 9 * hour + 4 * minute,
			state: 'succeeded',
			verdict: 'passed',
		},
		{
			id: '20261119T070000Z-99aa',
			procedure: 'gateway-restart',
			title: 'Gateway does not connect',
			who: { user: 'deploy', machine: 'ci' },
			reason: '',
			startedAt: now - 70 * hour,
			endedAt: now - 70 * hour + 3 * minute,
			state: 'failed',
		},
	]),
	question: createStore<PendingPrompt | undefined>(undefined),
	notice: createStore(''),
	suggestion: createStore<Suggestion | undefined>({
		procedure: 'engine-crash',
		why: 'trading-engine restarts again and again (7 times) since the deployment 14 minutes ago',
	}),
});
