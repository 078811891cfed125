import { parseExposition, parseValue, sampleKey } from './exposition.ts';

/** All wanted series of one exposition. */
export interface Series {
	/** Values by `sampleKey`; of duplicate samples the first. */
	readonly values: ReadonlyMap<string, number>;
	/** Number of duplicate samples. */
	readonly twice: number;
	/** Number of lines that are not in the format. */
	readonly badLines: number;
}

/** A value that no program uses. */
const probeValue = -1.25e-75;

/** Returns a copy: a substring would keep the whole text in memory. */
const copied = (text: string): string => Buffer.from(text).toString();

/**
 * Reads the same exposition repeatedly, for callers that need all of its series each time. The part before the value is parsed once for
 * each series; after that a line costs one look-up in a table.
 *
 * @param maxSamples reading ends after this many wanted ones
 */
export const createSeriesReader = (
	wants: (name: string) => boolean,
	maxSamples: number,
): ((text: string) => Series) => {
	/** Keys, by the text before the value. */
	const keys = new Map<string, string>();

	/** True when a text is a series with nothing after it, so that a value and a time may follow. */
	const isBare = (before: string): boolean =>
		parseExposition(`${before} ${probeValue} 0`, wants).samples[0]?.value === probeValue;

	const readLine = (line: string, before: string) => {
		const { samples, badLines } = parseExposition(line, wants);
		const sample = samples[0];
		const key = sample && copied(sampleKey(sample));
		if (key !== undefined && isBare(before)) {
			keys.set(copied(before), key);
		}
		return { key, value: sample?.value, bad: badLines > 0 };
	};

	return (text) => {
		const values = new Map<string, number>();
		let [twice, badLines] = [0, 0];
		if (keys.size > 2 * maxSamples) {
			keys.clear();
		}
		for (let from = 0; from < text.length && values.size + twice < maxSamples; ) {
			const end = text.indexOf('\n', from);
			const to = end === -1 ? text.length : end;
			const stop = text.charCodeAt(to - 1) === 13 ? to - 1 : to;
			const start = from;
			from = to + 1;
			if (stop <= start || text.charCodeAt(start) === 35) {
				continue;
			}
			const blank = text.lastIndexOf(' ', stop - 1);
			const before = blank < start ? '' : text.slice(start, blank);
			let key = keys.get(before);
			let value = key === undefined ? undefined : parseValue(text.slice(blank + 1, stop));
			if (value === undefined) {
				const line = readLine(text.slice(start, stop), before);
				badLines += line.bad ? 1 : 0;
				({ key, value } = line);
			}
			if (key === undefined || value === undefined) {
				continue;
			}
			if (values.has(key)) {
				twice++;
			} else {
				values.set(key, value);
			}
		}
		return { values, twice, badLines };
	};
};
