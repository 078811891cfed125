import type { Database, Table } from './server.ts';

const table = (columns: Readonly<Record<string, string>>, rows: string[][]): Table => ({
	columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
	rows,
});

const stamp = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '+00');

/** Returns a number between 0 and 1 that is the same for the same seed: each demo begins alike. */
const spread = (seed: number): number => {
	const x = Math.sin(seed * 12.9898) * 43_758.5453;
	return x - Math.floor(x);
};

/** The database of a deployment that has traded for a while: the tables of scripts/init-db.sql. */
export const seededDatabase = (now: number): Database => {
	const symbols = ['CSPX', 'FESX', 'ZN', 'GC'];
	const orders = Array.from({ length: 500 }, (_, at) => [
		String(at + 1),
		`AF-${100_001 + at}`,
		symbols[at % 4] ?? 'CSPX',
		at % 2 === 0 ? 'BUY' : 'SELL',
	]);
	const snapshots = Array.from({ length: 720 }, (_, at) => [
		String(at + 1),
		stamp(now - (720 - at) * 3_600_000),
		(2_500_000 + spread(at + 1000) * 20_000).toFixed(2),
	]);
	const returns = Array.from({ length: 60 }, (_, at) => [
		String(at + 1),
		stamp(now - (60 - at) * 86_400_000).slice(0, 10),
		((spread(at) - 0.49) / 50).toFixed(8),
	]);
	const serial = { id: 'integer' };
	return new Map([
		['portfolio_snapshots', table({ ...serial, timestamp: 'timestamptz', nav: 'numeric(18,2)' }, snapshots)],
		[
			'positions',
			table(
				{ ...serial, instrument_id: 'varchar(50)', quantity: 'numeric(18,6)' },
				symbols.map((symbol, at) => [String(at + 1), symbol, `${[240, 18, 9, 4][at]}.000000`]),
			),
		],
		[
			'orders',
			table({ ...serial, order_id: 'varchar(100)', instrument_id: 'varchar(50)', side: 'varchar(10)' }, orders),
		],
		['daily_returns', table({ ...serial, date: 'date', daily_return: 'numeric(10,8)' }, returns)],
		['alerts', table({ ...serial, timestamp: 'timestamptz', alert_type: 'varchar(50)', message: 'text' }, [])],
	]);
};
