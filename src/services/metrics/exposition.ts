/**
 * Prometheus' text exposition format 0.0.4 and, as far as samples go, OpenMetrics 1.0: comments, TYPE lines, label
 * escapes (`\\`, `\"`, `\n`), NaN and infinities, time stamps, exemplars (dropped), quoted UTF-8 names.
 */

export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	/** May be NaN or infinite. */
	readonly value: number;
}

export interface Exposition {
	readonly samples: readonly Sample[];
	/** counter, gauge, histogram…, by metric name. */
	readonly types: ReadonlyMap<string, string>;
	/** Number of lines that are not in the format; skipped. */
	readonly badLines: number;
}

const noLabels: Readonly<Record<string, string>> = Object.freeze({});
const namePattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelPattern = /[a-zA-Z_][a-zA-Z0-9_]*/y;

/** Reads a sample line. */
class LineReader {
	readonly #line: string;
	#at = 0;

	constructor(line: string) {
		this.#line = line;
	}

	#spaces(): void {
		for (let code = this.#line.charCodeAt(this.#at); code === 32 || code === 9; ) {
			this.#at++;
			code = this.#line.charCodeAt(this.#at);
		}
	}

	#match(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.#at;
		const found = pattern.exec(this.#line)?.[0];
		this.#at += found?.length ?? 0;
		return found;
	}

	#eat(character: string): boolean {
		const there = this.#line[this.#at] === character;
		this.#at += there ? 1 : 0;
		return there;
	}

	/** Reads a string in double quotes, after the first one. */
	#quoted(): string | undefined {
		let text = '';
		for (let from = this.#at; ; ) {
			const character = this.#line[this.#at];
			if (character === undefined) {
				return undefined;
			}
			if (character === '"') {
				text += this.#line.slice(from, this.#at);
				this.#at++;
				return text;
			}
			if (character === '\\') {
				const escaped = this.#line[this.#at + 1] ?? '';
				text +=
					this.#line.slice(from, this.#at) +
					(escaped === 'n' ? '\n' : '\\"'.includes(escaped) ? escaped : `\\${escaped}`);
				this.#at += 2;
				from = this.#at;
			} else {
				this.#at++;
			}
		}
	}

	/** Reads labels after `{`. The name may be among them, in quotes and without a value. */
	#labels(name: string | undefined): { name: string | undefined; labels: Record<string, string> } | undefined {
		// Without a prototype: a label may be called __proto__.
		const labels: Record<string, string> = Object.create(null);
		let found = name;
		for (;;) {
			this.#spaces();
			if (this.#eat('}')) {
				return { name: found, labels };
			}
			const label = this.#eat('"') ? this.#quoted() : this.#match(labelPattern);
			if (label === undefined) {
				return undefined;
			}
			this.#spaces();
			if (this.#eat('=')) {
				this.#spaces();
				const value = this.#eat('"') ? this.#quoted() : undefined;
				if (value === undefined) {
					return undefined;
				}
				labels[label] = value;
			} else if (found === undefined) {
				found = label;
			} else {
				return undefined;
			}
			this.#spaces();
			if (!this.#eat(',') && this.#line[this.#at] !== '}') {
				return undefined;
			}
		}
	}

	sample(wants: (name: string) => boolean): Sample | undefined | 'unwanted' {
		this.#spaces();
		let name = this.#match(namePattern);
		if (name !== undefined && !wants(name)) {
			return 'unwanted';
		}
		this.#spaces();
		let labels = noLabels;
		if (this.#eat('{')) {
			const read = this.#labels(name);
			if (read?.name === undefined) {
				return undefined;
			}
			name = read.name;
			labels = read.labels;
			if (!wants(name)) {
				return 'unwanted';
			}
		}
		if (name === undefined) {
			return undefined;
		}
		// The part after ` # ` is an exemplar.
		const rest =
			this.#line
				.slice(this.#at)
				.split(' #', 1)[0]
				?.trim()
				.split(/[ \t]+/) ?? [];
		const value = parseValue(rest[0]);
		return value === undefined || rest.length > 2 || !(rest[1] === undefined || Number.isFinite(Number(rest[1])))
			? undefined
			: { name, labels, value };
	}
}

/** Parses a number like Go's ParseFloat, as far as exporters use it. */
export const parseValue = (text: string | undefined): number | undefined => {
	if (text === undefined || text === '') {
		return undefined;
	}
	const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
	if (special !== null) {
		const size = special[2]?.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
		return special[1] === '-' ? -size : size;
	}
	const value = Number(text);
	return Number.isNaN(value) ? undefined : value;
};

/** Returns the end of the name that starts at `at`, or `at` if none does. Most lines are parsed no further. */
const nameEnd = (text: string, at: number): number => {
	let end = at;
	for (let code = text.charCodeAt(end); isNameCode(code) && (end > at || !isDigit(code)); code = text.charCodeAt(end)) {
		end++;
	}
	return end;
};

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** True for letters, digits, `_` and `:`. */
const isNameCode = (code: number): boolean =>
	(code >= 97 && code <= 122) || code === 95 || isDigit(code) || (code >= 65 && code <= 90) || code === 58;

const typePattern = /^#[ \t]+TYPE[ \t]+("(?:[^"\\]|\\.)*"|\S+)[ \t]+(\S+)/;

/**
 * @param wants tells if a metric is wanted; the labels of others are not read. They are not counted as bad either.
 * @param maxSamples parsing ends after this many wanted ones
 */
export const parseExposition = (
	text: string,
	wants: (name: string) => boolean = () => true,
	maxSamples = Number.POSITIVE_INFINITY,
): Exposition => {
	const samples: Sample[] = [];
	const types = new Map<string, string>();
	let badLines = 0;
	for (let from = 0; from < text.length && samples.length < maxSamples; ) {
		const end = text.indexOf('\n', from);
		const to = end === -1 ? text.length : end;
		const named = nameEnd(text, from);
		if (named > from && !wants(text.slice(from, named))) {
			from = to + 1;
			continue;
		}
		const line = text.slice(from, text.charCodeAt(to - 1) === 13 ? to - 1 : to);
		from = to + 1;
		if (line.startsWith('#')) {
			const type = typePattern.exec(line);
			if (type?.[1] !== undefined && type[2] !== undefined) {
				types.set(type[1].replace(/^"(.*)"$/, '$1'), type[2]);
			}
			continue;
		}
		if (line.trim() === '') {
			continue;
		}
		const sample = new LineReader(line).sample(wants);
		if (sample === undefined) {
			badLines++;
		} else if (sample !== 'unwanted') {
			samples.push(sample);
		}
	}
	return { samples, types, badLines };
};

/** Returns a key for a sample that is the same at every scrape. */
export const sampleKey = ({ name, labels }: Sample): string =>
	`${name}${JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
