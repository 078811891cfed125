import type { Sample } from './exposition.ts';

interface Matcher {
	readonly label: string;
	matches(value: string): boolean;
}

/** Which series are meant: a name and label matchers, as Prometheus' query language writes them. */
export interface Selector {
	readonly name: string;
	matches(sample: Sample): boolean;
}

const selectorPattern = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s*$/s;
const matcherPattern = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/sy;

const unescaped = (text: string): string =>
	text.replace(/\\(.)/gs, (_, character: string) => (character === 'n' ? '\n' : character));

/** A regular expression matches the whole value; a label that is not there counts as empty (Prometheus, "Querying basics"). */
const toMatcher = (label: string, operator: string, value: string): Matcher => {
	if (operator === '=' || operator === '!=') {
		return { label, matches: (is) => (is === value) === (operator === '=') };
	}
	const pattern = new RegExp(`^(?:${value})$`, 'su');
	return { label, matches: (is) => pattern.test(is) === (operator === '=~') };
};

/**
 * Reads `name{label="value",other=~"a|b"}`.
 *
 * @throws SyntaxError saying what is wrong with it.
 */
export const parseSelector = (text: string): Selector => {
	const [, name, inside = ''] = selectorPattern.exec(text) ?? [];
	if (name === undefined) {
		throw new SyntaxError(`not a series: ${text}`);
	}
	const matchers: Matcher[] = [];
	matcherPattern.lastIndex = 0;
	while (matcherPattern.lastIndex < inside.trimEnd().length) {
		const at = matcherPattern.lastIndex;
		const [, label, operator, value] = matcherPattern.exec(inside) ?? [];
		if (label === undefined || operator === undefined || value === undefined) {
			throw new SyntaxError(`not a label matcher: ${inside.slice(at)}`);
		}
		const end = matcherPattern.lastIndex;
		matchers.push(toMatcher(label, operator, unescaped(value)));
		matcherPattern.lastIndex = end;
	}
	return {
		name,
		matches: (sample) =>
			sample.name === name && matchers.every(({ label, matches }) => matches(sample.labels[label] ?? '')),
	};
};
