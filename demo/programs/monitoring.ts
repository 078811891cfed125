import type { Page, Program, StartProgram } from '../docker/types.ts';
import type { World } from './world.ts';

const json = (body: unknown): Page => ({ status: 200, type: 'application/json', body: `${JSON.stringify(body)}\n` });
const notFound: Page = { status: 404, type: 'text/plain', body: 'not found\n' };

/** Grafana, as far as a health check sees it. A settings file that is not in its image ends it. */
export const grafanaProgram: StartProgram = ({ log, container, exit }): Program => {
	const settings = container.command?.find((arg) => arg.startsWith('--config='))?.slice('--config='.length);
	if (settings !== undefined && settings !== '/etc/grafana/grafana.ini') {
		log(`Error: ✗ failed to parse "${settings}": open ${settings}: no such file or directory`, 'stderr');
		exit(1);
	} else {
		log('logger=http.server level=info msg="HTTP Server Listen" address=[::]:3000 protocol=http');
	}
	return {
		end: () => {},
		pages: {
			3000: (path) =>
				path.split('?')[0] === '/api/health'
					? json({ database: 'ok', version: '11.3.0' })
					: path === '/'
						? { status: 200, type: 'text/html', body: '<!doctype html><title>Grafana (demo)</title><h1>Grafana</h1>' }
						: notFound,
		},
		use: () => ({ cpu: 0.004 + Math.random() * 0.004, memory: 88_000_000 + Math.random() * 300_000 }),
	};
};

/** A service that only prints that it is running. */
export const quietProgram =
	(line: string, memory: number): StartProgram =>
	({ log }): Program => {
		log(`ts=${new Date().toISOString()} ${line}`);
		return {
			end: () => {},
			pages: {},
			use: () => ({ cpu: 0.003 + Math.random() * 0.003, memory: memory + Math.random() * 300_000 }),
		};
	};

interface Rule {
	readonly name: string;
	readonly summary: string;
	/** Returns the reason why it fires; undefined when it does not. */
	readonly why: (world: World) => string | undefined;
}

const rules: readonly Rule[] = [
	{
		name: 'TradingEngineDown',
		summary: 'Trading engine is down',
		why: ({ engineUp }) => (engineUp ? undefined : 'no answer'),
	},
	// Between its runs the engine is not connected, so this one fires most of the day.
	{
		name: 'IBGatewayDisconnected',
		summary: 'IB Gateway is disconnected',
		why: () => 'abstractfinance_ib_connection_state is 0',
	},
];

/** Time for which a condition must be true before an alert fires, as in a rule's `for:`, and false before it ends, ms. */
const holdMs = 1500;
const keepMs = 4000;

/** Alertmanager: alerts from the real state of the deployment. */
export const alertmanagerProgram =
	(world: World): StartProgram =>
	({ log }): Program => {
		const since = new Map<string, number>();
		const seen = new Map<string, { readonly at: number; readonly why: string }>();
		const look = () => {
			for (const { name, why } of rules) {
				const reason = why(world);
				if (reason !== undefined) {
					seen.set(name, { at: Date.now(), why: reason });
					since.set(name, since.get(name) ?? Date.now());
				} else if (Date.now() - (seen.get(name)?.at ?? 0) > keepMs) {
					since.delete(name);
				}
			}
		};
		look();
		const timer = setInterval(look, 500);
		log(`ts=${new Date().toISOString()} caller=tls_config.go:313 level=info msg="Listening on" address=[::]:9093`);
		const firing = () =>
			rules.flatMap(({ name, summary }) => {
				const began = since.get(name);
				const reason = seen.get(name)?.why;
				if (began === undefined || reason === undefined || Date.now() - began < holdMs) {
					return [];
				}
				return [
					{
						labels: { alertname: name, severity: 'critical', job: 'trading-engine' },
						annotations: { summary, description: `${summary}: ${reason}` },
						startsAt: new Date(began).toISOString(),
						endsAt: new Date(Date.now() + 240_000).toISOString(),
						status: { state: 'active', silencedBy: [], inhibitedBy: [] },
					},
				];
			});
		return {
			end: () => clearInterval(timer),
			pages: {
				9093: (path) => {
					const [bare] = path.split('?');
					return bare === '/api/v2/alerts'
						? json(firing())
						: bare === '/-/healthy' || bare === '/'
							? { status: 200, type: 'text/plain', body: 'Alertmanager (demo)\n' }
							: notFound;
				},
			},
			use: () => ({ cpu: 0.002 + Math.random() * 0.002, memory: 23_000_000 + Math.random() * 100_000 }),
		};
	};
