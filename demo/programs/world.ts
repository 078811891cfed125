import { createDatabaseServer, type DatabaseServer } from '../database/server.ts';

/** An open order at the broker. */
export interface Order {
	/** The id of the client that placed it. */
	readonly client: number;
	readonly side: 'BUY' | 'SELL';
	readonly quantity: number;
	readonly symbol: string;
}

/** The state that outlives containers: the volume of the database, the broker behind the gateway. */
export interface World {
	readonly databases: DatabaseServer;
	/** The gateway, while one runs. */
	gateway: 'absent' | 'logging-in' | 'connected' | 'lost';
	/** Set to make the gateway lose its login until it is restarted. */
	loseLogin: () => void;
	openOrders: readonly Order[];
	/** True while the engine runs. */
	engineUp: boolean;
	/** The demo's folder, for reading its free space. */
	readonly folder: string;
}

export const createWorld = (folder: string): World => ({
	databases: createDatabaseServer(),
	gateway: 'absent',
	loseLogin: () => {},
	openOrders: [
		{ client: 2, side: 'BUY', quantity: 3, symbol: 'FESX' },
		{ client: 2, side: 'SELL', quantity: 2, symbol: 'ZN' },
		{ client: 0, side: 'BUY', quantity: 100, symbol: 'CSPX' },
	],
	engineUp: false,
	folder,
});
