import type { Table } from '../database/server.ts';
import type { World } from '../programs/world.ts';
import type { Change } from './history.ts';

/** A fault that the demo can begin with. */
export interface Incident {
	/** The fault in an operator's words. */
	readonly title: string;
	/** The procedure that solves it. */
	readonly procedure: string;
	/** The commits that were deployed. */
	readonly bad: readonly Change[];
	/** A line of `.env` that was edited wrongly before the engine was recreated. */
	readonly environment?: { readonly from: string; readonly to: string };
	/** The changes to whatever outlives containers, after the good state and before the start of the bad commit. */
	readonly before?: (world: World) => void;
	/** The events once everything runs. */
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

/** The engine is well; another service is recreated from a Compose file that names a missing file. */
const failedDeployment: Change = {
	subject: 'Name the mode in the log, and move the dashboards to a file of their own',
	version: '1.10.0',
	author: 'Tomas Reyes',
	hoursAgo: 0.2,
	edits: [
		{
			file: 'src/scheduler.py',
			from: '"ContinuousScheduler started"',
			to: '"ContinuousScheduler started", self.config.mode',
		},
		{
			file: 'docker-compose.yml',
			from: '    container_name: grafana\n',
			to: '    container_name: grafana\n    command: ["--config=/etc/grafana/volatility.ini"]\n',
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
			file: 'scripts/migrate-accounts.sql',
			to: `ALTER TABLE positions RENAME TO positions_before;
CREATE TABLE accounts (id serial PRIMARY KEY, name varchar(50));
CREATE TABLE positions (id serial PRIMARY KEY, account_id integer NOT NULL, instrument_id varchar(50));
`,
		},
		{
			file: 'scripts/init-db.sql',
			to: 'CREATE TABLE IF NOT EXISTS accounts (id serial PRIMARY KEY, name varchar(50));\n',
		},
	],
};

/** The migration failed at its second statement. */
const migrateHalfway = ({ databases }: World) => {
	const database = databases.open('abstractfinance');
	database.set('positions_before', database.get('positions') as Table);
	database.delete('positions');
};

/** The incidents by the word that `backout demo` takes; the first is the default. */
export const incidents = {
	crash: {
		title: 'a new commit was deployed, and the engine crashes a second after each start',
		procedure: 'engine-crash',
		bad: [crash],
	},
	'failed-deployment': {
		title: 'a deployment changed more than the engine: Grafana does not start any more',
		procedure: 'failed-deployment',
		bad: [failedDeployment],
	},
	config: {
		title: '.env was edited: the engine cannot read a value, and crashes at each start',
		procedure: 'config-error',
		bad: [],
		environment: { from: 'FORCE_EXECUTION=0', to: 'FORCE_EXECUTION=no' },
	},
	database: {
		title: 'a migration failed half-way: the engine runs, and tables are missing',
		procedure: 'database-restore',
		bad: [migration],
		before: migrateHalfway,
	},
	gateway: {
		title: 'the gateway has lost its login',
		procedure: 'gateway-restart',
		bad: [],
		after: (world) => world.loseLogin(),
	},
} satisfies Record<string, Incident>;

export type IncidentName = keyof typeof incidents;

export const incidentNames = Object.keys(incidents) as readonly IncidentName[];

/** Returns the incident of a name; undefined if there is none. */
export const incidentOf = (name: string): Incident | undefined =>
	Object.hasOwn(incidents, name) ? incidents[name as IncidentName] : undefined;
