import type { Highlight } from '../terminal/row.ts';
import { matchesIn } from './pane-search.ts';

/** A pattern for lines, as typed. */
export interface PatternOptions {
	/** True: a regular expression (JavaScript), not plain text. */
	readonly regexp?: boolean;
	/** True: finds the lines that do not match. */
	readonly inverted?: boolean;
}

/** A pattern by which lines are searched or filtered. */
export interface LinePattern extends Required<PatternOptions> {
	readonly text: string;
	/** True when a line is wanted. A regular expression may take for ever: see `guarded`. */
	test(text: string): boolean;
	/** Returns the positions of its matches. */
	matches(text: string): readonly Highlight[];
}

/** Maximum number of matches that are shown in one line. */
const mostMatches = 200;

// Letters match in either case, unless the pattern has a capital; `\S` and `\W` do not count.
const hasCapital = (source: string) => /\p{Lu}/u.test(source.replaceAll(/\\./g, ''));

const compile = (source: string): RegExp => {
	const flags = hasCapital(source) ? 'g' : 'gi';
	try {
		return new RegExp(source, `${flags}u`);
	} catch {
		// This flag is stricter about escapes (`\-`) than users of grep expect.
		return new RegExp(source, flags);
	}
};

const regexpMatches = (expression: RegExp, text: string): readonly Highlight[] => {
	const found: Highlight[] = [];
	expression.lastIndex = 0;
	for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
		if (match[0] === '') {
			expression.lastIndex++;
			continue;
		}
		found.push({ start: match.index, end: match.index + match[0].length });
		if (found.length === mostMatches) {
			break;
		}
	}
	return found;
};

/** Creates a pattern from a text and options; for an invalid regular expression, returns what is wrong with it. */
export const createPattern = (
	text: string,
	{ regexp = false, inverted = false }: PatternOptions = {},
): LinePattern | { readonly error: string } => {
	if (!regexp) {
		return {
			text,
			regexp,
			inverted,
			test: (line) => matchesIn(line, text).length > 0 !== inverted,
			matches: (line) => matchesIn(line, text),
		};
	}
	try {
		const expression = compile(text);
		return {
			text,
			regexp,
			inverted,
			test: (line) => {
				expression.lastIndex = 0;
				return expression.test(line) !== inverted;
			},
			matches: (line) => regexpMatches(expression, line),
		};
	} catch (error) {
		// `Invalid regular expression: /(/gi: Unterminated group`: only the last part is new to the operator.
		return { error: (error as Error).message.replace(/^.*\/[a-z]*: /s, '') };
	}
};

/** Parses what was typed at a prompt as less(1) does: a leading `!` inverts it; between slashes it is a regular expression. */
export const readPattern = (
	typed: string,
	toggles: PatternOptions = {},
): LinePattern | { readonly error: string } | undefined => {
	const inverted = typed.startsWith('!');
	const rest = inverted ? typed.slice(1) : typed;
	const slashed = /^\/(.+)\/$/s.exec(rest)?.[1];
	const text = slashed ?? rest;
	return text === ''
		? undefined
		: createPattern(text, {
				regexp: (toggles.regexp ?? false) || slashed !== undefined,
				inverted: (toggles.inverted ?? false) !== inverted,
			});
};

/** Returns the text that one would type for it: `!/a|b/`. */
export const patternLabel = ({ text, regexp, inverted }: LinePattern): string =>
	`${inverted ? '!' : ''}${regexp ? `/${text}/` : text}`;
