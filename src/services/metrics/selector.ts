import type { Sample } from './exposition.ts';

interface Matcher {
	readonly label: string;
	matches(value: string): boolean;
}

/** A selector of series: a name and label matchers, in Prometheus' query language. */
export interface Selector {
	readonly name: string;
	matches(sample: Sample): boolean;
}

const namePattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelPattern = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const operatorPattern = /=~|!~|!=|=/y;
const blanks = /\s*/y;
/** Strings as Go writes them: with escapes in double and in single quotes, raw in back quotes. */
const stringPattern = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`([^`]*)`/sy;
const escapePattern = /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{3})|(.))/gis;
const control: Readonly<Record<string, string>> = {
	a: '\u0007',
	b: '\b',
	f: '\f',
	n: '\n',
	r: '\r',
	t: '\t',
	v: '\v',
};

const unescaped = (text: string): string =>
	text.replace(escapePattern, (_, x?: string, u?: string, big?: string, octal?: string, other?: string) => {
		const hex = x ?? u ?? big;
		if (hex !== undefined || octal !== undefined) {
			return String.fromCodePoint(hex === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(hex, 16));
		}
		return control[other ?? ''] ?? other ?? '';
	});

/** A mistake in a selector, with its position in the text. */
export class SelectorError extends SyntaxError {
	readonly at: number;

	constructor(message: string, at: number) {
		super(message);
		this.at = at;
	}
}

/**
 * Flags that RE2 accepts at the beginning of an expression, and JavaScript only separately. `U` and `m` change nothing for a whole value.
 */
const leadingFlags = /^\(\?([imsU]+)\)/;

/** Characters that RE2 allows to be escaped, and JavaScript with its flag u does not. */
const needlesslyEscaped = /^[!"#%&',\-:;<=>@_`~ ]$/;

/**
 * Converts a regular expression of Prometheus, which is RE2's. It matches the whole value, and the dot matches line ends, too.
 *
 * @throws SyntaxError in V8's words
 */
const toPattern = (value: string): RegExp => {
	const flags = leadingFlags.exec(value);
	const own = value
		.slice(flags?.[0].length ?? 0)
		.replace(/\\([\s\S])/g, (escaped, sign: string) =>
			needlesslyEscaped.test(sign) ? `\\x${sign.charCodeAt(0).toString(16)}` : escaped,
		);
	// Compiled alone first, so that errors do not show what is added around it.
	new RegExp(own, 'u');
	return new RegExp(`^(?:${own})$`, flags?.[1]?.includes('i') ? 'isu' : 'su');
};

/** Returns a matcher; a missing label counts as empty (Prometheus, "Querying basics"). */
const toMatcher = (label: string, operator: string, value: string): Matcher => {
	if (operator === '=' || operator === '!=') {
		return { label, matches: (is) => (is === value) === (operator === '=') };
	}
	const pattern = toPattern(value);
	return { label, matches: (is) => pattern.test(is) === (operator === '=~') };
};

/** Reads a selector from its first character to its last. */
class SelectorReader {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	#take(pattern: RegExp): RegExpExecArray | undefined {
		pattern.lastIndex = this.#at;
		const found = pattern.exec(this.#text) ?? undefined;
		this.#at += found?.[0].length ?? 0;
		return found;
	}

	#eat(character: string): boolean {
		this.#take(blanks);
		const there = this.#text[this.#at] === character;
		this.#at += there ? 1 : 0;
		return there;
	}

	#string(): string | undefined {
		this.#take(blanks);
		const [, double, single, raw] = this.#take(stringPattern) ?? [];
		const escaped = double ?? single;
		return escaped === undefined ? raw : unescaped(escaped);
	}

	#wrong(wanted: string): SelectorError {
		const rest = this.#text.slice(this.#at);
		return new SelectorError(
			`not a series: ${wanted} ${rest === '' ? 'at its end' : `before ${JSON.stringify(rest)}`}`,
			this.#at,
		);
	}

	/** Reads a matcher whose value begins at `from`. */
	#matcher(label: string, operator: string, value: string, from: number): Matcher {
		try {
			return toMatcher(label, operator, value);
		} catch (error) {
			const why = (error as Error).message.replace(/^Invalid regular expression: /, '');
			throw new SelectorError(`not a regular expression: ${why}`, from);
		}
	}

	/** Reads the part between the braces; it may include the name, in quotes and without a value. */
	#braces(given: string | undefined): { readonly name: string | undefined; readonly matchers: readonly Matcher[] } {
		const matchers: Matcher[] = [];
		let name = given;
		while (!this.#eat('}')) {
			const quoted = this.#string();
			const label = quoted ?? this.#take(labelPattern)?.[0];
			if (label === undefined) {
				throw this.#wrong('a label is missing');
			}
			this.#take(blanks);
			const operator = this.#take(operatorPattern)?.[0];
			this.#take(blanks);
			const from = this.#at;
			const value = operator === undefined ? undefined : this.#string();
			if (operator !== undefined && value === undefined) {
				throw this.#wrong('a value in quotes is missing');
			}
			if (operator === undefined && (quoted === undefined || name !== undefined)) {
				throw this.#wrong('one of = != =~ !~ is missing');
			}
			if (operator === undefined || value === undefined) {
				name = quoted;
			} else if (label === '__name__' && operator === '=' && name === undefined) {
				name = value;
			} else {
				matchers.push(this.#matcher(label, operator, value, from));
			}
			if (!this.#eat(',') && this.#text[this.#at] !== '}') {
				throw this.#wrong('a comma or } is missing');
			}
		}
		return { name, matchers };
	}

	read(): { readonly name: string; readonly matchers: readonly Matcher[] } {
		this.#take(blanks);
		const bare = this.#take(namePattern)?.[0];
		const { name, matchers } = this.#eat('{') ? this.#braces(bare) : { name: bare, matchers: [] };
		this.#take(blanks);
		if (this.#at < this.#text.length) {
			const hint = bare === undefined ? '' : `; a name with other characters is written {"${this.#text.trim()}"}`;
			throw new SelectorError(
				`${this.#wrong('something unexpected is there').message}${/["{}]/.test(this.#text) ? '' : hint}`,
				this.#at,
			);
		}
		if (name === undefined || name === '') {
			throw new SelectorError('not a series: it has no name', 0);
		}
		return { name, matchers };
	}
}

/**
 * Parses `name{label="value",other=~"a|b"}`, and names with any characters as Prometheus 3 writes them: `{"http.requests",code="500"}`
 * (Prometheus, "Querying basics", time series selectors).
 *
 * @throws SelectorError with the mistake and its position
 */
export const parseSelector = (text: string): Selector => {
	const { name, matchers } = new SelectorReader(text).read();
	return {
		name,
		matches: (sample) =>
			sample.name === name && matchers.every(({ label, matches }) => matches(sample.labels[label] ?? '')),
	};
};
