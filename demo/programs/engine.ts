import { cpuUsage } from 'node:process';
import type { Page, Program, StartProgram } from '../docker/types.ts';
import { askBroker } from './broker.ts';
import { checkSizing, EngineFailure, readSources } from './engine-sources.ts';
import type { World } from './world.ts';

/** Time for which the engine waits for the gateway before it sizes its positions, ms; a fault there shows only then. */
const startupMs = 1200;
const runTimes = [
	{ name: 'EU_open', minutes: 9 * 60 + 15, exchanges: "['LSE', 'XETRA']" },
	{ name: 'US_open', minutes: 15 * 60, exchanges: "['NYSE', 'NASDAQ', 'CME']" },
] as const;

/** Formats JSON like Python, with a blank after each colon and comma. */
const pythonJson = (value: Readonly<Record<string, unknown>>): string =>
	JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ').replaceAll('{ ', '{').replaceAll(' }', '}');

const page = (status: number, body: Readonly<Record<string, unknown>>): Page => ({
	status,
	type: 'application/json',
	body: pythonJson(body),
});

/** Returns the health pages: /health says that the process serves, but nothing about the gateway, which it uses only in its runs. */
const healthPage = (path: string, startedAt: number, mode: string): Page => {
	const timestamp = new Date().toISOString().slice(0, 23);
	const common = {
		service: 'abstractfinance-trading-engine',
		timestamp,
		uptime_seconds: (Date.now() - startedAt) / 1000,
	};
	switch (path.split('?')[0]) {
		case '/':
		case '/health':
			return page(200, { status: 'healthy', ...common });
		case '/health/ib':
			return page(503, { ib_connected: false, status: 'disconnected', timestamp });
		case '/health/detailed':
			return page(503, {
				status: 'degraded',
				...common,
				mode,
				components: { ib_gateway: { connected: false, status: 'disconnected' } },
				last_daily_run: null,
			});
		default:
			return { status: 404, type: 'text/html', body: 'Not Found' };
	}
};

const gauges: readonly (readonly [name: string, help: string, value: number])[] = [
	['ib_connection_state', 'Connected to IB Gateway', 0],
	['ib_last_heartbeat_timestamp', 'Time of the last heartbeat', 0],
	['portfolio_nav_usd', 'Net asset value', 0],
	['portfolio_cash_usd', 'Cash', 0],
	['portfolio_gross_exposure_usd', 'Gross exposure', 0],
	['portfolio_net_exposure_usd', 'Net exposure', 0],
	['portfolio_daily_pnl_usd', 'Profit and loss of the day', 0],
	['portfolio_drawdown_pct', 'Drawdown', 0],
	['risk_realized_vol_annual', 'Realised volatility', 0],
	['risk_scaling_factor', 'Scaling factor', 0],
	['scheduler_last_run_timestamp', 'Time of the last run', 0],
	['scheduler_last_run_success', 'Whether the last run succeeded', 0],
	['run_ledger_status', 'State of the run ledger', 0],
];

/** Returns the metrics page. Between runs none of the engine's own metrics move, but its process's do. */
const metricsPage = (version: string, startedAt: number): Page => {
	const series = (name: string, kind: string, help: string, value: number | string, labels = '') =>
		`# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${name}${labels} ${value}\n`;
	const { user, system } = cpuUsage();
	const body = [
		series('python_info', 'gauge', 'Python platform information', 1, '{implementation="CPython",version="3.11.11"}'),
		series('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', 74_000_000),
		series('process_start_time_seconds', 'gauge', 'Start time of the process.', startedAt / 1000),
		series('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent.', (user + system) / 1e6),
		...gauges.map(([name, help, value]) => series(`abstractfinance_${name}`, 'gauge', help, value.toFixed(1))),
		series('abstractfinance_ib_reconnect_total', 'counter', 'Reconnections', '0.0'),
		series('abstractfinance_system_info', 'gauge', 'The running version', '1.0', `{version="${version}"}`),
	].join('');
	return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body };
};

const clock = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** Returns the next of the run times, ms since the epoch. */
const nextRun = (now: number): number => {
	const midnight = Math.floor(now / 86_400_000) * 86_400_000;
	const times = [0, 1].flatMap((day) => runTimes.map(({ minutes }) => midnight + day * 86_400_000 + minutes * 60_000));
	return times.find((time) => time > now) ?? now;
};

const startLines = (now: number): readonly string[] => [
	`Configured run times: [${runTimes.map(({ name }) => `'${name}'`).join(', ')}]`,
	'ContinuousScheduler started',
	'Configured run times:',
	...runTimes.map(({ name, minutes, exchanges }) => {
		const two = (value: number) => String(value).padStart(2, '0');
		return `  - ${name}: ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} UTC (exchanges: ${exchanges})`;
	}),
	`Current time: ${clock(now)} UTC`,
	'Health check server running on port 8080',
	'Prometheus metrics server running on port 8000',
	'Waiting 120s for IB Gateway to be ready...',
];

/** The trading engine: its behaviour follows from the files of its image, its environment and its mounted config. */
export const engineProgram =
	(world: World): StartProgram =>
	({ container, log, exit }): Program => {
		const startedAt = Date.now();
		const version = container.image.files.get('VERSION')?.trim() ?? 'unknown';
		let timer: NodeJS.Timeout | undefined;
		const guarded = (work: () => void) => {
			try {
				work();
			} catch (error) {
				world.engineUp = false;
				log(error instanceof EngineFailure ? error.trace : String(error), 'stderr');
				exit(1);
			}
		};
		const say = (lines: readonly string[]) => {
			for (const line of lines) {
				log(line);
			}
		};
		guarded(() => {
			const sources = readSources(container);
			say(startLines(startedAt));
			world.engineUp = true;
			timer = setTimeout(() => {
				guarded(() => {
					checkSizing(container, sources);
					const now = Date.now();
					const at = nextRun(now);
					const seconds = Math.round((at - now) / 1000);
					log(`Next run scheduled for: ${clock(at)} UTC`);
					log(`Sleeping for ${seconds} seconds (${(seconds / 3600).toFixed(1)} hours)...`);
				});
			}, startupMs);
		});
		return {
			end: () => {
				clearTimeout(timer);
				world.engineUp = false;
			},
			pages: {
				8080: (path) => healthPage(path, startedAt, container.env.MODE ?? 'paper'),
				8000: (path) =>
					path.split('?')[0] === '/metrics'
						? metricsPage(version, startedAt)
						: { status: 404, type: 'text/plain', body: 'not found\n' },
			},
			exec: (args, io) => askBroker(world, args, io),
			use: () => ({ cpu: 0.003 + Math.random() * 0.003, memory: 74_000_000 + Math.random() * 1_000_000 }),
		};
	};
