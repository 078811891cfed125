/** A table of the simulated PostgreSQL: its columns as they were declared, and rows of text. */
export interface Table {
	columns: { readonly name: string; readonly type: string }[];
	rows: string[][];
}

export type Database = Map<string, Table>;

/** A statement that PostgreSQL, or its simulation, refuses. */
export class SqlError extends Error {}

/** The databases of the simulated PostgreSQL, as its volume keeps them. */
export interface DatabaseServer {
	names(): readonly string[];
	/** Throws an SqlError if there is no such database. */
	open(name: string): Database;
	has(name: string): boolean;
	create(name: string, contents?: Database): void;
	drop(name: string): void;
	rename(from: string, to: string): void;
	/** Returns a function that reverts everything created, dropped and renamed since. */
	begin(): () => void;
}

export const createDatabaseServer = (): DatabaseServer => {
	const databases = new Map<string, Database>([
		['postgres', new Map()],
		['template1', new Map()],
	]);
	const open = (name: string): Database => {
		const found = databases.get(name);
		if (found === undefined) {
			throw new SqlError(`database "${name}" does not exist`);
		}
		return found;
	};
	const refuseExisting = (name: string) => {
		if (databases.has(name)) {
			throw new SqlError(`database "${name}" already exists`);
		}
	};
	return {
		names: () => [...databases.keys()],
		open,
		has: (name) => databases.has(name),
		create: (name, contents = new Map()) => {
			refuseExisting(name);
			databases.set(name, contents);
		},
		drop: (name) => {
			open(name);
			databases.delete(name);
		},
		rename: (from, to) => {
			const found = open(from);
			refuseExisting(to);
			databases.delete(from);
			databases.set(to, found);
		},
		begin: () => {
			const before = [...databases];
			return () => {
				databases.clear();
				for (const [name, contents] of before) {
					databases.set(name, contents);
				}
			};
		},
	};
};
