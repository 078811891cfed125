/** Why an environment file cannot be read, in the words of Compose. */
export class DotenvError extends Error {}

/**
 * Reads a `.env` as Compose does: NAME=value lines, `export` and comments allowed, values in quotes. Throws a
 * DotenvError with the line for what does not parse.
 */
export const parseDotenv = (text: string, file: string): Record<string, string> => {
	const values: Record<string, string> = {};
	for (const [at, raw] of text.split('\n').entries()) {
		const line = raw.trim();
		if (line === '' || line.startsWith('#')) {
			continue;
		}
		const [, name, value = ''] = /^(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*(.*)$/.exec(line) ?? [];
		if (name === undefined) {
			const strange = /[^\w.\s]/.exec(line)?.[0] ?? line.charAt(0);
			throw new DotenvError(
				`failed to read ${file}: line ${at + 1}: unexpected character ${JSON.stringify(strange)} in variable name near ${JSON.stringify(line)}`,
			);
		}
		const [quote = ''] = /^["']/.exec(value) ?? [];
		if (quote === '') {
			values[name] = value.replace(/\s+#.*$/, '');
			continue;
		}
		const end = value.indexOf(quote, 1);
		if (end < 0) {
			throw new DotenvError(`failed to read ${file}: line ${at + 1}: unterminated quoted value ${value}`);
		}
		values[name] = value.slice(1, end);
	}
	return values;
};
