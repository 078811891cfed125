/** A line feed, which ends a line of the exposition and is nowhere else in it. */
const lineFeed = 10;

/**
 * Returns the lines that contain one of these names, in order: all samples of these metrics, and little else. The rest of an exposition,
 * usually almost all of it, is skipped as bytes and never becomes text.
 *
 * @param body an exposition, UTF-8
 * @param names of metrics; within quotes in the text, `\`, `"` and line feeds are escaped
 */
export const linesWith = (body: Buffer, names: Iterable<string>): string => {
	/** End of each line, by its start. */
	const lines = new Map<number, number>();
	for (const wanted of names) {
		const name = wanted.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
		for (let at = body.indexOf(name); at !== -1; ) {
			const feed = body.indexOf(lineFeed, at);
			const end = feed === -1 ? body.length : feed;
			lines.set(body.lastIndexOf(lineFeed, at) + 1, end);
			at = body.indexOf(name, end);
		}
	}
	return [...lines]
		.toSorted(([a], [b]) => a - b)
		.map(([begin, end]) => body.toString('utf8', begin, end))
		.join('\n');
};
