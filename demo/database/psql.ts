import { restoreDump } from './dump.ts';
import { type Database, type DatabaseServer, SqlError } from './server.ts';
import { type Statement, statementsOf } from './statements.ts';

/** The result of a statement: rows of cells. */
type Rows = readonly (readonly string[])[];

interface Session {
	readonly server: DatabaseServer;
	readonly database: string;
	readonly contents: () => Database;
	readonly dataFolder: string;
}

type Play = (match: RegExpExecArray, session: Session) => Rows;

const identifier = '(?:"((?:[^"]|"")+)"|(\\w+))';
const named = (match: RegExpExecArray, at: number): string => (match[at] ?? match[at + 1] ?? '').replaceAll('""', '"');
const literal = (text = ''): string => text.replaceAll("''", "'");

const bytesOf = (database: Database): number =>
	7_500_000 + [...database.values()].reduce((sum, { rows }) => sum + rows.length * 120, 0);

const tablesOf = ({ contents }: Session): readonly (readonly [string, number])[] =>
	[...contents()].map(([name, { rows }]) => [name, rows.length] as const).sort(([a], [b]) => (a < b ? -1 : 1));

const selectRows: Play = (match, { contents }) => {
	const table = contents().get(match[2] ?? '');
	if (table === undefined) {
		throw new SqlError(`relation "${match[2]}" does not exist`);
	}
	const what = (match[1] ?? '').trim();
	if (/^count\(\*\)$/i.test(what)) {
		return [[String(table.rows.length)]];
	}
	const [, aggregate, of] = /^(max|min)\((\w+)\)$/i.exec(what) ?? [];
	const at = (name: string): number => {
		const found = table.columns.findIndex((column) => column.name === name);
		if (found < 0) {
			throw new SqlError(`column "${name}" does not exist`);
		}
		return found;
	};
	if (of !== undefined) {
		const values = table.rows.map((row) => Number(row[at(of)]));
		return [[String(aggregate?.toLowerCase() === 'max' ? Math.max(...values) : Math.min(...values))]];
	}
	const columns = what === '*' ? table.columns.map(({ name }) => name) : what.split(/\s*,\s*/);
	const places = columns.map(at);
	const limit = match[3] === undefined ? table.rows.length : Number(match[3]);
	return table.rows.slice(0, limit).map((row) => places.map((place) => row[place] ?? ''));
};

/** The statements that the simulated PostgreSQL understands: those of runbooks, and simple SELECTs to look around. */
const plays: readonly (readonly [RegExp, Play])[] = [
	[/^(BEGIN|COMMIT|ANALYZE|SET .*)$/i, () => []],
	[/^SELECT pg_terminate_backend\(pid\)/i, () => []],
	[/^SELECT pg_sleep\([\d.]+\)$/i, () => []],
	[/^SELECT (\d+)$/i, ([, number = '']) => [[number]]],
	[/^SHOW data_directory$/i, (_, { dataFolder }) => [[dataFolder]]],
	[/^SHOW server_version$/i, () => [['14.13 (demo)']]],
	[/^SELECT pg_database_size\(current_database\(\)\)$/i, (_, { contents }) => [[String(bytesOf(contents()))]]],
	[/^SELECT datname FROM pg_database/i, (_, { server }) => server.names().map((name) => [name])],
	[
		/^SELECT (1|count\(\*\)) FROM pg_database WHERE datname = '((?:[^']|'')*)'$/i,
		([, what = '', name], { server }) => {
			const there = server.has(literal(name));
			return what === '1' ? (there ? [['1']] : []) : [[there ? '1' : '0']];
		},
	],
	[
		/^SELECT 'live', format\('%I\.%I', table_schema, table_name\), /i,
		(match, session) =>
			tablesOf(session).map(([name, rows]) => [
				'live',
				`public.${name}`,
				match.input.includes("'?'") ? '?' : String(rows),
			]),
	],
	[/^SELECT count\(\*\) FROM information_schema\.tables WHERE /i, (_, session) => [[String(tablesOf(session).length)]]],
	[
		/^SELECT count\(\*\) \|\| ' tables, about ' \|\| /i,
		(_, session) => {
			const tables = tablesOf(session);
			return [[`${tables.length} tables, about ${tables.reduce((sum, [, rows]) => sum + rows, 0)} rows`]];
		},
	],
	[
		/^SELECT tablename FROM pg_tables(?: WHERE schemaname = 'public')?$/i,
		(_, session) => tablesOf(session).map(([name]) => [name]),
	],
	// A query that prints statements, which psql then runs.
	[
		/^SELECT format\('CREATE DATABASE %I TEMPLATE template0 .*?', '((?:[^']|'')*)', .*WHERE datname = '((?:[^']|'')*)'$/i,
		([, name = '', like], { server }) => (server.has(literal(like)) ? [[`CREATE DATABASE "${literal(name)}"`]] : []),
	],
	[/^SELECT format\('(REVOKE|GRANT) /i, () => []],
	[/^SELECT CASE setrole WHEN 0 /i, () => []],
	[
		new RegExp(`^CREATE DATABASE ${identifier}`, 'i'),
		(match, { server }) => {
			server.create(named(match, 1));
			return [];
		},
	],
	[
		new RegExp(`^DROP DATABASE (IF EXISTS )?${identifier}`, 'i'),
		(match, { server }) => {
			const name = named(match, 2);
			if (match[1] === undefined || server.has(name)) {
				server.drop(name);
			}
			return [];
		},
	],
	[
		new RegExp(`^ALTER DATABASE ${identifier} RENAME TO ${identifier}$`, 'i'),
		(match, { server }) => {
			server.rename(named(match, 1), named(match, 3));
			return [];
		},
	],
	[/^SELECT (.+?) FROM (?:public\.)?(\w+)(?: ORDER BY [\w, ]+)?(?: LIMIT (\d+))?$/i, selectRows],
];

const runStatement = (sql: string, session: Session): Rows => {
	for (const [pattern, play] of plays) {
		const match = pattern.exec(sql);
		if (match !== null) {
			return play(match, session);
		}
	}
	throw new SqlError(`the demo's PostgreSQL does not simulate: ${sql.slice(0, 120)}`);
};

/** The options of psql. */
export interface PsqlCall {
	readonly database: string;
	readonly script: string;
	readonly variables: ReadonlyMap<string, string>;
	readonly stopOnError: boolean;
	readonly separator: string;
}

/**
 * Runs a psql script. A transaction of two renames is done completely or not at all. Returns psql's output and its exit code: 3 when
 * ON_ERROR_STOP ended it, 2 when there is no such database, else 0.
 */
export const runPsql = (
	server: DatabaseServer,
	call: PsqlCall,
	dataFolder: string,
): { readonly out: string; readonly error: string; readonly code: number } => {
	let out = '';
	let error = '';
	const session: Session = { server, database: call.database, contents: () => server.open(call.database), dataFolder };
	try {
		server.open(call.database);
	} catch (failure) {
		return { out, error: `psql: error: FATAL: ${(failure as Error).message}\n`, code: 2 };
	}
	let rollBack: (() => void) | undefined;
	const run = ({ sql, exec, silent }: Statement) => {
		if (/^BEGIN$/i.test(sql)) {
			rollBack = server.begin();
		} else if (/^COMMIT$/i.test(sql)) {
			rollBack = undefined;
		}
		const rows = runStatement(sql, session);
		if (exec) {
			for (const cell of rows.flat()) {
				runStatement(cell, session);
			}
		} else if (!silent) {
			out += rows.map((row) => `${row.join(call.separator)}\n`).join('');
		}
	};
	try {
		if (/^--\n-- PostgreSQL database dump\n/m.test(call.script)) {
			restoreDump(session.contents(), call.script);
			return { out, error, code: 0 };
		}
		for (const statement of statementsOf(call.script, call.variables)) {
			try {
				run(statement);
			} catch (failure) {
				if (!(failure instanceof SqlError) || call.stopOnError) {
					throw failure;
				}
				error += `ERROR:  ${failure.message}\n`;
			}
		}
		return { out, error, code: 0 };
	} catch (failure) {
		rollBack?.();
		return { out, error: `${error}ERROR:  ${(failure as Error).message}\n`, code: 3 };
	}
};
