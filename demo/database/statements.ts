import { SqlError } from './server.ts';

/** One statement of a psql script, with its variables; `exec`: its result is run (`\gexec`). */
export interface Statement {
	readonly sql: string;
	readonly exec: boolean;
	/** True when its result does not go to standard output. */
	readonly silent: boolean;
}

const quoteIdentifier = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Fills in psql's variables, `:'name'` and `:"name"`. Throws an SqlError for one that is not set. */
const putIn = (sql: string, variables: ReadonlyMap<string, string>): string =>
	sql.replace(/:(['"])(\w+)\1/g, (_, quote: string, name: string) => {
		const value = variables.get(name);
		if (value === undefined) {
			throw new SqlError(`syntax error at or near ":" (the variable ${name} is not set)`);
		}
		return quote === "'" ? quoteLiteral(value) : quoteIdentifier(value);
	});

/** Splits a script at `;`, `\g FILE` and `\gexec` outside quotes. */
export const statementsOf = (script: string, variables: ReadonlyMap<string, string>): readonly Statement[] => {
	const found: Statement[] = [];
	let sql = '';
	const add = (exec: boolean, silent: boolean) => {
		if (sql.trim() !== '') {
			found.push({ sql: putIn(sql.trim().replace(/\s+/g, ' '), variables), exec, silent });
		}
		sql = '';
	};
	const pieces = script.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\\gexec|\\g[^\n]*|;|[\s\S]/g);
	for (const [piece] of pieces) {
		if (piece === ';' || piece.startsWith('\\g')) {
			add(piece === '\\gexec', piece.startsWith('\\g') && piece !== '\\gexec');
		} else if (!piece.startsWith('--')) {
			sql += piece;
		}
	}
	add(false, false);
	return found;
};
