import type { Table } from '../database/server.ts';
import type { World } from '../programs/world.ts';
import type { Change } from './history.ts';

/** What can be wrong when the demo begins. */
export interface Incident {
	/** What an operator would say has happened. */
	readonly title: string;
	/** The procedure that solves it. */
	readonly procedure: string;
	/** The commits that were deployed. */
	readonly bad: readonly Change[];
	/** A line of `.env` that was edited wrongly before the engine was made again. */
	readonly environment?: { readonly from: string; readonly to: string };
	/** What was done to what outlives containers, after the good state stood and before the bad commit started. */
	readonly before?: (world: World) => void;
	/** What happens once all runs. */
	readonly after?: (world: World) => void;
}

const crash: Change = {
	subject: 'Size positions by target volatility',
	version: '1.10.0',
	author: 'Tomas Reyes',
	hoursAgo: 0.2,
	edits: [
		{
			file: 'src/sizing.py',
			from: 'nav * instrument["weight"]',
			to: 'nav * instrument["weight"] * 0.1 / instrument["target_vol"]',
		},
	],
};

/** More than the engine: another service is made again from a Compose file that names what is not there. */
const failedDeployment: Change = {
	...crash,
	subject: 'Size by target volatility, and move the dashboards to a file of their own',
	edits: [
		...crash.edits,
		{
			file: 'docker-compose.yml',
			from: '--config=/etc/grafana/grafana.ini',
			to: '--config=/etc/grafana/volatility.ini',
		},
	],
};

const migration: Change = {
	subject: 'Book positions by account',
	version: '1.10.0',
	author: 'Tomas Reyes',
	hoursAgo: 0.2,
	edits: [
		{
			file: 'migrations/004_accounts.sql',
			to: `ALTER TABLE nav_history RENAME TO nav;
ALTER TABLE positions ADD COLUMN account text NOT NULL;
INSERT INTO schema_migrations VALUES (4, 'accounts');
`,
		},
		{ file: 'src/settings.py', from: 'SCHEMA_VERSION = 3', to: 'SCHEMA_VERSION = 4' },
		{ file: 'src/store.py', from: 'SELECT symbol, quantity FROM', to: 'SELECT account, symbol, quantity FROM' },
	],
};

/** The migration failed at its second statement, and was noted as done all the same. */
const migrateHalfway = ({ databases }: World) => {
	const database = databases.open('abstractfinance');
	const history = database.get('nav_history') as Table;
	database.delete('nav_history');
	database.set('nav', history);
	database.get('schema_migrations')?.rows.push(['4', 'accounts', new Date().toISOString()]);
};

/** The incidents by the word that `backout demo` takes; the first is the default. */
export const incidents = {
	crash: {
		title: 'a new commit was deployed, and the engine crashes a second after each start',
		procedure: 'engine-crash',
		bad: [crash],
	},
	'failed-deployment': {
		title: 'a deployment went wrong: the engine crashes, and a second service does not start',
		procedure: 'failed-deployment',
		bad: [failedDeployment],
	},
	config: {
		title: '.env was edited: the engine cannot read a value, and crashes at each start',
		procedure: 'config-error',
		bad: [],
		environment: { from: 'MAX_ORDER_NOTIONAL=250000', to: 'MAX_ORDER_NOTIONAL=250k' },
	},
	database: {
		title: 'a migration failed half-way: the engine runs, and its schema is wrong',
		procedure: 'database-restore',
		bad: [migration],
		before: migrateHalfway,
	},
	gateway: {
		title: 'the gateway has lost its login',
		procedure: 'gateway-restart',
		bad: [],
		// The engine has connected by then, and says that it is not connected any more.
		after: (world) => void setTimeout(() => world.loseLogin(), 2200),
	},
} satisfies Record<string, Incident>;

export type IncidentName = keyof typeof incidents;

export const incidentNames = Object.keys(incidents) as readonly IncidentName[];

/** The incident of a name; undefined where there is none. */
export const incidentOf = (name: string): Incident | undefined =>
	Object.hasOwn(incidents, name) ? incidents[name as IncidentName] : undefined;
