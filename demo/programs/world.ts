import { createDatabaseServer, type DatabaseServer } from '../database/server.ts';

/** An order that stands at the broker. */
export interface Order {
	/** The id of the client that placed it. */
	readonly client: number;
	readonly side: 'BUY' | 'SELL';
	readonly quantity: number;
	readonly symbol: string;
}

/** What outlives containers: the volume of the database, the broker behind the gateway. */
export interface World {
	readonly databases: DatabaseServer;
	/** The gateway, while one runs. */
	gateway: 'absent' | 'logging-in' | 'connected' | 'lost';
	/** Set to make the gateway lose its login until it is restarted. */
	loseLogin: () => void;
	openOrders: readonly Order[];
	/** Whether the engine runs. */
	engineUp: boolean;
	/** Free bytes of the folder that the demo lies in, for what asks for room. */
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
