import { SqlError, type Table } from '../database/server.ts';
import type { Page, Program, StartProgram } from '../docker/types.ts';
import { EngineFailure, type EngineSources, readSources, sizeOf } from './engine-sources.ts';
import type { World } from './world.ts';

const tickMs = 250;
/** So long after its start the engine sizes its first positions; a fault there shows itself only then. */
const firstRebalanceMs = 1200;
/**
 * So long after its start the gateway has let it in: later than a fault of its sizing shows. Between two crashes the engine is
 * never well, however briefly anybody looks.
 */
const loginMs = firstRebalanceMs + 2 * tickMs;

interface State {
	gateway: 'connecting' | 'connected' | 'disconnected';
	database: string;
	positions: ReadonlyMap<string, string>;
	orders: number;
	errors: number;
	loops: number;
	heartbeat: number;
}

const stamp = (now = new Date()): string => now.toISOString().slice(0, 23).replace('T', ' ').replace('.', ',');

const healthOf = (state: State): readonly string[] => [
	...(state.gateway === 'connected' ? [] : [`gateway: ${state.gateway}`]),
	...(state.database === 'ok' ? [] : [`database: ${state.database}`]),
];

const healthPage = (state: State, version: string, startedAt: number): Page => {
	const reasons = healthOf(state);
	const body = {
		status: reasons.length > 0 ? 'unhealthy' : 'healthy',
		gateway: state.gateway,
		database: state.database,
		version,
		uptime_seconds: Math.round((Date.now() - startedAt) / 100) / 10,
		...(reasons.length > 0 && { reasons }),
	};
	// With a blank after each colon, as Python's json writes it.
	const text = JSON.stringify(body, null, 1).replace(/\n\s*/g, ' ').replace('{ ', '{').replace(/ \}$/, '}');
	return { status: reasons.length > 0 ? 503 : 200, type: 'application/json', body: `${text}\n` };
};

const metricsPage = (state: State, version: string, nav: number): Page => {
	const series = (
		name: string,
		kind: string,
		help: string,
		samples: readonly (readonly [string, number | string])[],
	) => [
		`# HELP abstractfinance_${name} ${help}`,
		`# TYPE abstractfinance_${name} ${kind}`,
		...samples.map(([labels, value]) => `abstractfinance_${name}${labels} ${value}`),
	];
	const lines = [
		...series('heartbeat_timestamp_seconds', 'gauge', 'Time of the last loop.', [
			['', (state.heartbeat / 1000).toFixed(3)],
		]),
		...series('loops_total', 'counter', 'Loops of the engine.', [['', state.loops]]),
		...series('orders_total', 'counter', 'Orders placed.', [['', state.orders]]),
		...series('errors_total', 'counter', 'Errors logged.', [['', state.errors]]),
		...series('nav', 'gauge', 'Net asset value in EUR.', [['', nav.toFixed(2)]]),
		...series('positions', 'gauge', 'Instruments held.', [['', state.positions.size]]),
		...series(
			'position_quantity',
			'gauge',
			'Contracts held.',
			[...state.positions].map(([symbol, quantity]) => [`{symbol="${symbol}"}`, quantity]),
		),
		...series('gateway_connected', 'gauge', '1 while connected to IB Gateway.', [
			['', state.gateway === 'connected' ? 1 : 0],
		]),
		...series('build_info', 'gauge', 'The running version.', [[`{version="${version}"}`, 1]]),
	];
	return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: `${lines.join('\n')}\n` };
};

/** The schema is another than this version wants: the engine does not go on. */
const checkSchema = (found: number, { schemaVersion }: EngineSources) => {
	if (found !== schemaVersion) {
		throw new EngineFailure(
			[
				'Traceback (most recent call last):',
				'  File "/app/src/store.py", line 24, in connect',
				`    raise SchemaError(f"schema version {schemaVersion} expected, found {found}")`,
				`src.store.SchemaError: schema version ${schemaVersion} expected, found ${found}`,
			].join('\n'),
		);
	}
};

/** The positions by the columns that this version's query names. */
const readPositions = (table: Table | undefined, { positionColumns }: EngineSources): ReadonlyMap<string, string> => {
	if (table === undefined) {
		throw new SqlError('relation "positions" does not exist');
	}
	const missing = positionColumns.find((name) => !table.columns.some((column) => column.name === name));
	if (missing !== undefined) {
		throw new SqlError(`column "${missing}" does not exist`);
	}
	const at = (name: string) => table.columns.findIndex((column) => column.name === name);
	return new Map(table.rows.map((row) => [row[at('symbol')] ?? '', row[at('quantity')] ?? '0']));
};

/** The trading engine: what it does follows from the files of its image, its environment and its mounted config. */
export const engineProgram =
	(world: World): StartProgram =>
	({ container, log, exit, runs }): Program => {
		const write = (level: string, text: string) => log(`${stamp()} ${level.padEnd(8)} engine: ${text}`);
		const startedAt = Date.now();
		const state: State = {
			gateway: 'connecting',
			database: 'connecting',
			positions: new Map(),
			orders: 0,
			errors: 0,
			loops: 0,
			heartbeat: startedAt,
		};
		let sources: EngineSources | undefined;
		let dueAt = startedAt + firstRebalanceMs;
		let warnedAt = 0;
		let reportedAt = startedAt;
		let timer: NodeJS.Timeout | undefined;
		const nav = () => world.nav;

		const keepDatabase = (known: EngineSources) => {
			if (!runs('postgres')) {
				if (state.database !== 'unreachable') {
					write('WARNING', 'Database unreachable: connection refused');
				}
				state.database = 'unreachable';
				return;
			}
			try {
				const database = world.databases.open(container.env.POSTGRES_DB ?? 'abstractfinance');
				const versions = database.get('schema_migrations')?.rows.map(([version]) => Number(version)) ?? [];
				if (state.database !== 'ok') {
					checkSchema(Math.max(0, ...versions), known);
				}
				state.positions = readPositions(database.get('positions'), known);
				if (state.database !== 'ok') {
					write('INFO', `Connected to the database at ${container.env.POSTGRES_HOST ?? 'postgres'}`);
				}
				state.database = 'ok';
			} catch (error) {
				if (!(error instanceof SqlError)) {
					throw error;
				}
				if (Date.now() - warnedAt > 2000) {
					warnedAt = Date.now();
					state.errors++;
					write('ERROR', `Database query failed: ${error.message}`);
				}
				state.database = `schema is wrong: ${error.message}`;
			}
		};
		const keepGateway = () => {
			const where = `${container.env.IBGATEWAY_HOST ?? 'ibgateway'}:4000`;
			if (world.gateway === 'connected') {
				if (Date.now() - startedAt < loginMs) {
					return;
				}
				if (state.gateway !== 'connected') {
					write('INFO', `Connected to IB Gateway at ${where}`);
				}
				state.gateway = 'connected';
				return;
			}
			if (state.gateway === 'connected') {
				write('WARNING', 'Disconnected from IB Gateway: connection closed by the gateway');
				warnedAt = Date.now();
			} else if (Date.now() - warnedAt > 4000) {
				warnedAt = Date.now();
				write('WARNING', `Cannot connect to IB Gateway at ${where}: connection refused`);
			}
			state.gateway = 'disconnected';
		};
		const rebalance = (known: EngineSources) => {
			const sized = known.instruments.map((one) => [one.symbol, sizeOf(container, known, one, nav())] as const);
			const [symbol, quantity] = sized[Math.floor(Math.random() * sized.length)] ?? ['ES', 1];
			if (state.gateway !== 'connected' || state.database !== 'ok') {
				return;
			}
			const number = world.nextOrder++;
			const side = Math.random() < 0.5 ? 'BUY' : 'SELL';
			const price = (90 + Math.random() * 5000).toFixed(2);
			world.openOrders.set(number, { number, symbol });
			const orders = world.databases.open(container.env.POSTGRES_DB ?? 'abstractfinance').get('orders');
			const at = new Date().toISOString().replace('T', ' ').replace('Z', '+00');
			orders?.rows.push([
				String(orders.rows.length + 1),
				String(number),
				symbol,
				side,
				String(quantity),
				price,
				'open',
				at,
			]);
			state.orders++;
			write('INFO', `Placed order ${number}: ${side} ${quantity} ${symbol} @ ${price}`);
		};
		const loop = (known: EngineSources) => {
			keepDatabase(known);
			keepGateway();
			if (Date.now() >= dueAt) {
				dueAt = Date.now() + known.rebalanceSeconds * 1000;
				rebalance(known);
			}
			if (Date.now() - reportedAt > 15_000) {
				reportedAt = Date.now();
				write('INFO', `nav=${nav().toFixed(2)} positions=${state.positions.size} gateway=${state.gateway}`);
			}
			world.nav += (Math.random() - 0.49) * 80;
			state.loops++;
			state.heartbeat = Date.now();
			world.engineReasons = healthOf(state);
		};
		const guarded = (work: () => void) => {
			try {
				work();
			} catch (error) {
				clearInterval(timer);
				log(error instanceof EngineFailure ? error.trace : String(error), 'stderr');
				exit(1);
			}
		};

		write('INFO', `AbstractFinance ${container.image.files.get('VERSION')?.trim() ?? 'unknown'} starting`);
		guarded(() => {
			sources = readSources(container);
		});
		const known = sources;
		if (known !== undefined) {
			timer = setInterval(() => guarded(() => loop(known)), tickMs);
		}
		const version = known?.version ?? 'unknown';
		return {
			end: () => {
				clearInterval(timer);
				world.engineReasons = undefined;
			},
			health: () => {
				const reasons = healthOf(state);
				return { ok: reasons.length === 0, output: reasons.join(', ') || 'healthy' };
			},
			pages: {
				8080: (path) =>
					path.split('?')[0] === '/health'
						? healthPage(state, version, startedAt)
						: { status: 404, type: 'application/json', body: '{"detail":"Not Found"}\n' },
				8000: (path) =>
					path.split('?')[0] === '/metrics'
						? metricsPage(state, version, nav())
						: { status: 404, type: 'text/plain', body: 'not found\n' },
			},
			use: () => ({ cpu: 0.03 + Math.random() * 0.03, memory: 74_000_000 + Math.random() * 1_000_000 }),
		};
	};
