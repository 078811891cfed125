import { type Database, SqlError } from './server.ts';

const end = '-- PostgreSQL database dump complete';

/** Returns the output of `pg_dump` for a database. */
export const dumpDatabase = (database: Database): string => {
	const tables = [...database].sort(([a], [b]) => (a < b ? -1 : 1));
	const made = tables.map(
		([name, { columns }]) =>
			`CREATE TABLE public.${name} (\n${columns.map((column) => `    ${column.name} ${column.type}`).join(',\n')}\n);\n`,
	);
	const filled = tables.map(
		([name, { columns, rows }]) =>
			`COPY public.${name} (${columns.map((column) => column.name).join(', ')}) FROM stdin;\n${rows
				.map((row) => `${row.join('\t')}\n`)
				.join('')}\\.\n`,
	);
	return [
		'--\n-- PostgreSQL database dump\n--\n',
		'\\restrict backoutdemo',
		"SET statement_timeout = 0;\nSET client_encoding = 'UTF8';\n",
		...made,
		...filled,
		'\\unrestrict backoutdemo\n',
		`--\n${end}\n--\n`,
	].join('\n');
};

/**
 * Restores a dump into a database; all of it or nothing. Throws an SqlError with the line for anything that `dumpDatabase` does not
 * write, and for a table that exists already.
 */
export const restoreDump = (database: Database, text: string): void => {
	const restored: Database = new Map();
	const lines = text.split('\n');
	const fail = (at: number, why: string): never => {
		throw new SqlError(`${why} (line ${at + 1} of standard input)`);
	};
	for (let at = 0; at < lines.length; at++) {
		const line = lines[at] ?? '';
		const [, made] = /^CREATE TABLE public\.(\w+) \($/.exec(line) ?? [];
		const [, filled, given = ''] = /^COPY public\.(\w+) \(([^)]*)\) FROM stdin;$/.exec(line) ?? [];
		if (made !== undefined) {
			if (database.has(made) || restored.has(made)) {
				fail(at, `relation "${made}" already exists`);
			}
			const columns: { name: string; type: string }[] = [];
			for (at++; lines[at] !== ');'; at++) {
				const [, name, type] = /^\s+(\w+) (.+?),?$/.exec(lines[at] ?? '') ?? fail(at, 'syntax error in a table');
				columns.push({ name: name ?? '', type: type ?? '' });
			}
			restored.set(made, { columns, rows: [] });
		} else if (filled !== undefined) {
			const table = restored.get(filled) ?? database.get(filled) ?? fail(at, `relation "${filled}" does not exist`);
			const width = given.split(', ').length;
			for (at++; lines[at] !== '\\.'; at++) {
				const row = lines[at] ?? fail(at, 'unexpected end of COPY');
				const cells = row.split('\t');
				if (cells.length !== width) {
					fail(at, `missing data for a column of ${filled}`);
				}
				table.rows.push(cells);
			}
		} else if (!/^(--.*|SET .*;|\\(un)?restrict .*|)$/.test(line)) {
			fail(at, `the demo's PostgreSQL does not simulate: ${line.slice(0, 60)}`);
		}
	}
	for (const [name, table] of restored) {
		database.set(name, table);
	}
};
