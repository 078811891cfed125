import { quoteEnd } from '../../src/runbook/quote-end.ts';
import { interpolateText, type OnUnset, type Variables } from './interpolate.ts';

/** The reason why an environment file cannot be read, in the words of Compose. */
export class DotenvError extends Error {}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Parses a `.env` as Compose does: NAME=value lines, `export` and comments allowed, values in quotes, also over several lines, variables
 * expanded except in single quotes. Throws a DotenvError with the line for invalid text.
 *
 * @param known variables that are set already; the file's own values take precedence
 */
export const parseDotenv = (
	text: string,
	file: string,
	known: Variables = {},
	onUnset: OnUnset = () => {},
): Record<string, string> => {
	const values: Record<string, string> = {};
	const expand = (value: string) => interpolateText(value, { ...known, ...values }, onUnset);
	let at = 0;
	let number = 0;
	while (at < text.length) {
		number++;
		const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
		const raw = text.slice(at, end);
		const line = raw.trim();
		const begin = at;
		at = end + 1;
		if (line === '' || line.startsWith('#')) {
			continue;
		}
		const [, before = '', name, value = ''] =
			/^(\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*[=:]\s*)(.*?)\s*$/.exec(raw) ?? [];
		if (name === undefined) {
			const strange = /[^\w.\s]/.exec(line)?.[0] ?? line.charAt(0);
			throw new DotenvError(
				`failed to read ${file}: line ${number}: unexpected character ${JSON.stringify(strange)} in variable name near ${JSON.stringify(line)}`,
			);
		}
		const quote = value.charAt(0);
		if (quote !== '"' && quote !== "'") {
			values[name] = expand(value.replace(/(^|\s+)#.*$/, ''));
			continue;
		}
		const from = begin + before.length + 1;
		const until = quoteEnd(text, quote, from);
		if (until < 0) {
			throw new DotenvError(`failed to read ${file}: line ${number}: unterminated quoted value ${value}`);
		}
		const inside = text.slice(from, until);
		values[name] =
			quote === "'"
				? inside
				: expand(inside.replace(/\\(.)/gs, (_, one: string) => (one === '$' ? '$$' : (escapes[one] ?? one))));
		number += inside.split('\n').length - 1;
		at = (text.indexOf('\n', until) < 0 ? text.length : text.indexOf('\n', until)) + 1;
	}
	return values;
};
