/** Length of an escape in a double-quoted YAML scalar (YAML 1.2.2, 5.7), by the letter after the backslash. */
const escapeLengths: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/**
 * Finds a character of a value in the scalar that it was read from.
 *
 * @param written the scalar as the file has it, with its quotes
 * @param value the value that was read, variables filled in
 * @param offset in the value, in UTF-16 units
 * @returns the offset in `written`; 0 if the two do not correspond: folded lines, a block, variables that were filled in
 */
export const offsetInSource = (written: string, value: string, offset: number): number => {
	const quote = written[0] === '"' || written[0] === "'" ? written[0] : undefined;
	if (quote === undefined || !/[\\\n]|''/.test(written)) {
		const from = written.indexOf(value);
		return from < 0 ? 0 : from + offset;
	}
	if (written.includes('\n') || (value.includes('\n') && quote === "'")) {
		return 0;
	}
	let at = 1;
	for (let read = 0; read < offset; read++) {
		const escaped = written[at] === '\\' && quote === '"';
		const length = escaped ? (escapeLengths[written[at + 1] ?? ''] ?? 2) : written.startsWith("''", at) ? 2 : 1;
		if (!escaped && value[read] !== written[at]) {
			return 0;
		}
		at += length;
	}
	return at < written.length ? at : 0;
};
