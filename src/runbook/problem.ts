/** One mistake in a config or runbook file. Line and column count from 1, columns in UTF-16 units. */
export interface Problem {
	readonly file: string;
	readonly line: number;
	readonly column: number;
	readonly message: string;
}
