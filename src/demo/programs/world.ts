import { createDatabaseServer, type DatabaseServer } from '../database/server.ts';

/** An order that stands at the broker. */
export interface Order {
	readonly number: number;
	readonly symbol: string;
}

/** What outlives containers: the volume of the database, the broker behind the gateway. */
export interface World {
	readonly databases: DatabaseServer;
	/** The gateway, while one runs. */
	gateway: 'absent' | 'logging-in' | 'connected' | 'lost';
	/** Set to make the gateway lose its login until it is restarted. */
	loseLogin: () => void;
	readonly openOrders: Map<number, Order>;
	nextOrder: number;
	nav: number;
	/** Why the engine is not well, as its health page says; empty: it is. Undefined: it does not answer. */
	engineReasons: readonly string[] | undefined;
	/** Free bytes of the folder that the demo lies in, for what asks for room. */
	readonly folder: string;
}

export const createWorld = (folder: string): World => ({
	databases: createDatabaseServer(),
	gateway: 'absent',
	loseLogin: () => {},
	openOrders: new Map(),
	nextOrder: 100_501,
	nav: 2_507_300,
	engineReasons: undefined,
	folder,
});
