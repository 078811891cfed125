import type { Database, Table } from './server.ts';

const table = (columns: Readonly<Record<string, string>>, rows: string[][]): Table => ({
	columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
	rows,
});

const stamp = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '+00');

/** A number between 0 and 1 that is the same for the same seed: the demo begins alike each time. */
const spread = (seed: number): number => {
	const x = Math.sin(seed * 12.9898) * 43_758.5453;
	return x - Math.floor(x);
};

/** The database of a deployment that has traded for a while. */
export const seededDatabase = (now: number): Database => {
	const symbols = ['ES', 'FESX', 'ZN', 'GC'];
	const orders = Array.from({ length: 500 }, (_, at) => [
		String(at + 1),
		String(100_001 + at),
		symbols[at % 4] ?? 'ES',
		at % 2 === 0 ? 'BUY' : 'SELL',
		String(1 + (at % 9)),
		(100 + spread(at) * 5000).toFixed(2),
		'filled',
		stamp(now - (500 - at) * 37 * 60_000),
	]);
	const history = Array.from({ length: 720 }, (_, at) => [
		stamp(now - (720 - at) * 3_600_000),
		(2_500_000 + spread(at + 1000) * 20_000).toFixed(2),
	]);
	const day = 86_400_000;
	return new Map([
		[
			'schema_migrations',
			table({ version: 'integer', name: 'text', applied_at: 'timestamptz' }, [
				['1', 'orders', stamp(now - 90 * day)],
				['2', 'positions', stamp(now - 80 * day)],
				['3', 'nav_history', stamp(now - 60 * day)],
			]),
		],
		[
			'orders',
			table(
				{
					id: 'bigint',
					broker_id: 'bigint',
					symbol: 'text',
					side: 'text',
					quantity: 'integer',
					price: 'numeric(12,2)',
					status: 'text',
					created_at: 'timestamptz',
				},
				orders,
			),
		],
		[
			'positions',
			table({ symbol: 'text', quantity: 'integer', average_price: 'numeric(12,2)' }, [
				['ES', '12', '5104.25'],
				['FESX', '18', '4872.00'],
				['ZN', '9', '109.42'],
				['GC', '4', '2391.80'],
			]),
		],
		['nav_history', table({ at: 'timestamptz', nav: 'numeric(14,2)' }, history)],
	]);
};
