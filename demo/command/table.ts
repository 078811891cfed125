import { formatGo } from '../docker/go-template.ts';

/** Aligns cells in columns, with three blanks between them. */
const aligned = (rows: readonly (readonly string[])[]): string => {
	const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
	return rows
		.map(
			(row) =>
				`${row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + 3))).join('')}\n`,
		)
		.join('');
};

const heading = (template: string): string[] =>
	template.split('\t').map((cell) => {
		const [, label, field = ''] = /\.Label "(?:[^"]*\.)?([^".]+)"|\.(\w+)/.exec(cell) ?? [];
		return (label ?? field.replace(/([a-z])([A-Z])/g, '$1 $2')).toUpperCase();
	});

/**
 * Formats the rows of a list: with a template, with `table TEMPLATE` and a heading, or with the command's own columns. `\t` and `\n` in
 * a template have their meaning in Go.
 */
export const listText = (
	format: string | undefined,
	usual: string,
	rows: readonly Readonly<Record<string, unknown>>[],
): string => {
	if (format === 'json' || format === '{{json .}}') {
		return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
	}
	const template = (format ?? `table ${usual}`).replaceAll('\\t', '\t').replaceAll('\\n', '\n');
	const lines = (of: string) => rows.map((row) => formatGo(of, row));
	if (!template.startsWith('table ')) {
		return lines(template)
			.map((line) => `${line}\n`)
			.join('');
	}
	const columns = template.slice('table '.length);
	return aligned([heading(columns), ...lines(columns).map((line) => line.split('\t'))]);
};
