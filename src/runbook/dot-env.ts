/** A setting as Compose reads it: `NAME=value`, `export NAME=value`, `NAME: value`. */
const setting = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*/;

/** Escape sequences that Compose expands between double quotes; a `\$` stays, as it keeps the name after it from being expanded. */
const escapeSequence = /\\([abcfnrtv"\\]|0[0-7]{0,3})/g;
const controls: Readonly<Record<string, string>> = {
	...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '"': '"', '\\': '\\' },
};
const withoutEscapes = (value: string): string =>
	value.replaceAll(escapeSequence, (whole, what: string) =>
		what.startsWith('0') ? String.fromCodePoint(Number.parseInt(what, 8) & 0xff) : (controls[what] ?? whole),
	);

const reference = /\\\$|\$\$|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-+?])((?:[^{}$]|\$\{[^{}]*\}|\$)*))?\})/g;

/** Expands references to settings above it. One that has no value here stays as it is: the environment of a caller may have it. */
const expanded = (value: string, known: ReadonlyMap<string, string>): string =>
	value.replaceAll(reference, (whole, plain?: string, braced?: string, sign = '', other = '') => {
		const name = plain ?? braced;
		if (name === undefined) {
			return '$';
		}
		const found = known.get(name);
		const isSet = found !== undefined && !(sign.startsWith(':') && found === '');
		if (sign.endsWith('+')) {
			return isSet ? expanded(other, known) : '';
		}
		return isSet ? found : sign.endsWith('-') ? expanded(other, known) : whole;
	});

/** Returns a value that begins at `from`, with the index after it. A quoted one may continue over several lines. */
const readValue = (
	text: string,
	from: number,
	known: ReadonlyMap<string, string>,
): { readonly value: string; readonly next: number } => {
	const quote = text[from];
	const lineEnd = text.indexOf('\n', from);
	const next = lineEnd < 0 ? text.length : lineEnd;
	if (quote === '"' || quote === "'") {
		let end = from + 1;
		while (end < text.length && text[end] !== quote) {
			end += text[end] === '\\' ? 2 : 1;
		}
		// Without an end quote Compose refuses the file; up to the end of its line it is a value all the same.
		const stop = end < text.length ? end : next;
		const inside = text.slice(from + 1, stop).replaceAll(`\\${quote}`, quote === '"' ? '\\"' : "'");
		return {
			value: quote === '"' ? expanded(withoutEscapes(inside), known) : inside,
			next: end < text.length ? end + 1 : next,
		};
	}
	const line = text.slice(from, next);
	return { value: expanded(line.replace(/ #.*$/s, '').trimEnd(), known), next };
};

/**
 * Returns the settings of a text such as `.env`, in order, with the values that Compose reads: without quotes, escapes and comments, with
 * settings above expanded.
 *
 * @param known the settings of texts before it; those of this one are added
 */
export const settingsOf = (
	given: string,
	known = new Map<string, string>(),
): readonly (readonly [name: string, value: string])[] => {
	const text = given.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
	const settings: [string, string][] = [];
	let at = 0;
	while (at < text.length) {
		const found = setting.exec(text.slice(at, at + 4096));
		if (found === null) {
			const lineEnd = text.indexOf('\n', at);
			at = lineEnd < 0 ? text.length : lineEnd + 1;
			continue;
		}
		const name = found[1] ?? '';
		const { value, next } = readValue(text, at + found[0].length, known);
		known.set(name, value);
		settings.push([name, value]);
		// The rest of the line, after an end quote, is no setting.
		const lineEnd = text.indexOf('\n', next);
		at = lineEnd < 0 ? text.length : lineEnd + 1;
	}
	return settings;
};
