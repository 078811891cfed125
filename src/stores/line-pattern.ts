import type { Highlight } from '../terminal/row.ts';
import { matchesIn } from './pane-search.ts';

/** What is looked for in lines, as it was typed. */
export interface PatternOptions {
	/** A regular expression (JavaScript), not plain text. */
	readonly regexp?: boolean;
	/** The lines that do not match. */
	readonly inverted?: boolean;
}

/** What lines are searched or filtered by. */
export interface LinePattern extends Required<PatternOptions> {
	readonly text: string;
	/** Whether a line is one that is wanted. A regular expression may take for ever: see `guarded`. */
	test(text: string): boolean;
	/** Positions of its matches. */
	matches(text: string): readonly Highlight[];
}

/** More in one line are not shown. */
const mostMatches = 200;

// Letters of either case, unless it has a capital; `\S` and `\W` are none.
const hasCapital = (source: string) => /\p{Lu}/u.test(source.replaceAll(/\\./g, ''));

const compile = (source: string): RegExp => {
	const flags = hasCapital(source) ? 'g' : 'gi';
	try {
		return new RegExp(source, `${flags}u`);
	} catch {
		// Stricter about escapes (`\-`) than who comes from grep expects.
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

/** A pattern of a text and options; where the regular expression is none, what is wrong with it. */
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
		// `Invalid regular expression: /(/gi: Unterminated group`: the last part is news.
		return { error: (error as Error).message.replace(/^.*\/[a-z]*: /s, '') };
	}
};

/** Reads what is typed at a prompt as less(1) does: `!` before it inverts; between slashes it is a regular expression. */
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

/** Text that one would type for it: `!/a|b/`. */
export const patternLabel = ({ text, regexp, inverted }: LinePattern): string =>
	`${inverted ? '!' : ''}${regexp ? `/${text}/` : text}`;
