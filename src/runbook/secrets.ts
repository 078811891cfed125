import { createHmac, randomBytes } from 'node:crypto';
import { withoutColours } from './colours.ts';
import { learnedPattern } from './learned-secrets.ts';
import type { Masked } from './masked.ts';
import type { Plan } from './plan.ts';
import { quoteEnd } from './quote-end.ts';
import { isPlainlySecret, isSecretName } from './secret-names.ts';

const masked = /^••••[0-9a-f]{4}$/;

let key: Buffer | undefined;

/**
 * Replaces a secret by `••••` and four hex digits. Equal secrets look equal and different ones, as a rule, different, so that a change
 * stays visible. The digits come from a key that this process makes and never saves, so nobody can test guesses against them.
 */
export const mask = (secret: string): string => {
	if (secret === '' || masked.test(secret)) {
		return secret;
	}
	key ??= randomBytes(32);
	return `••••${createHmac('sha256', key).update(secret).digest('hex').slice(0, 4)}`;
};

/** True for a reference, and for a path under a name that says so (`POSTGRES_PASSWORD_FILE`): neither is a secret. */
const isOpen = (name: string, value: string): boolean =>
	/^\$\{\w+\}$/.test(value) || (/[_-](?:file|path|dir)$/i.test(name) && /^[.~]?\/[\w./-]*$/.test(value));

const maskValue = (name: string, value: string): string => (isOpen(name, value) ? value : mask(value));

/** Returns a value in the middle of a line without closing brackets after it. */
const withoutClosers = (value: string): string => {
	let end = value.length;
	while (end > 0 && '\'"`)]},;'.includes(value[end - 1] ?? '')) {
		end--;
	}
	return value.slice(0, end);
};

/** Text that may precede a setting at the start of a line: signs of a diff, a list's dash, a line number, `export`. */
const lineStart = /^[-+<>|\s]*(?:\d+[:-]\s*)?(?:- )?(?:export\s+|ENV\s+|-e\s+|--env\s+)?/;
const settingAtStart = /^(["']?)([A-Za-z_][\w.-]*)\1(\s*[=:](?!\/\/)[ \t]*)/;
// One possible start for each run of name characters; otherwise a long run would be tried from each of its characters.
const settingInside = /(?<![\w.-])(["']?)(-*)([A-Za-z_][\w.-]*)(?![\w.-])\1(\s*[=:](?!\/\/)\s*|[ \t]+(?!-))/g;

/** Masks settings in the middle of a line: each value up to the next space, or to its closing quote. */
const maskInside = (line: string): string => {
	let done = '';
	let at = 0;
	settingInside.lastIndex = 0;
	for (let found = settingInside.exec(line); found !== null; found = settingInside.exec(line)) {
		const [whole, , dashes = '', name = '', sign = ''] = found;
		const from = found.index + whole.length;
		const sure = sign.includes('=') || dashes === '--' || (sign.includes(':') && isPlainlySecret(name));
		if (from < at || !sure || !isSecretName(name)) {
			continue;
		}
		const quote = line[from] ?? '';
		const quoted = quote === '"' || quote === "'";
		const end = quoted ? quoteEnd(line, quote, from + 1) : -1;
		const begin = quoted ? from + 1 : from;
		const stop = end >= 0 ? end : quoted ? line.length : begin + (/^\S*/.exec(line.slice(begin))?.[0].length ?? 0);
		const value = line.slice(begin, stop);
		const kept = quoted ? value : withoutClosers(value);
		done += line.slice(at, begin) + maskValue(name, kept);
		at = begin + kept.length;
		settingInside.lastIndex = Math.max(at, found.index + 1);
	}
	return done + line.slice(at);
};

const urlUser = /[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/[^\s:@/]*:(?!\d{1,5}\/)/;
const urlToken = /https?:\/\/(?=[^\s:@/•]{16,}$)/;

/** Masks `scheme://user:PASSWORD@` up to the last `@`, since passwords can contain anything, and a long user name alone: a token. */
const maskUrls = (line: string): string =>
	line.replaceAll(/[^\s'"]+/g, (word) => {
		const at = word.lastIndexOf('@');
		const before = word.slice(0, Math.max(at, 0));
		const found = urlUser.exec(before) ?? urlToken.exec(before);
		if (found === null) {
			return word;
		}
		const from = found.index + found[0].length;
		return before.slice(0, from) + mask(before.slice(from)) + word.slice(at);
	});

const maskHeaders = (line: string): string =>
	line
		.replaceAll(
			/(authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|digest|token)\s+)?)([^\s"'•][^"'\r\n]*)/gi,
			(_, before, secret) => before + mask(secret),
		)
		.replaceAll(/(\bbearer\s+)([\w.~+/=-]{16,})/gi, (_, before, secret) => before + mask(secret));

/** Secrets that continue over several lines: a private key, a quoted value, a YAML block. */
type Open =
	| { readonly kind: 'pem' }
	| { readonly kind: 'quote'; readonly quote: string }
	| { readonly kind: 'block'; readonly indent: number };

const boundary = /^(?:@@ |diff --git |index [0-9a-f]+\.\.)/;
const pemBegin = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
const pemEnd = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
const pemBody = /^[-+<>|]?\s*(?:[A-Za-z0-9+/]*={0,3}[\s\\"',]*|(?:Proc-Type|DEK-Info|Version|Comment): .*)$/;
/** A line of a key whose beginning was not shown. It has capitals, unlike a hex digest. */
const loosePem = /^(?=.*[a-z])(?=.*[A-Z])([-+<>|]?\s*)([A-Za-z0-9+/]{60,}={0,2})(\s*)$/;

const prefixOf = (line: string): string => /^[-+<>|\s]*/.exec(line)?.[0] ?? '';
const indentOf = (prefix: string): number => prefix.replace(/^[-+<>|]/, '').length;

const maskRest = (line: string): string => {
	const prefix = prefixOf(line);
	return prefix + mask(line.slice(prefix.length).trimEnd());
};

/** Masks a setting at the start of a line, up to the end of the line, and says what continues in the next line. */
const maskAtStart = (line: string): { readonly text: string; readonly open?: Open } | undefined => {
	const start = lineStart.exec(line)?.[0] ?? '';
	const found = settingAtStart.exec(line.slice(start.length));
	if (found === null || !isSecretName(found[2] ?? '')) {
		return undefined;
	}
	const name = found[2] ?? '';
	const before = start + found[0];
	const rest = line.slice(before.length);
	const value = rest.trimEnd();
	if (/^[|>][-+0-9]*$/.test(value)) {
		return { text: line, open: { kind: 'block', indent: indentOf(start) } };
	}
	const quote = value[0] ?? '';
	if (quote !== '"' && quote !== "'") {
		return { text: before + maskValue(name, value) + rest.slice(value.length) };
	}
	const end = quoteEnd(value, quote, 1);
	if (end >= 0 && /^[^\s,;}\])#]/.test(value.slice(end + 1))) {
		// Quoted in parts, as shells allow: the whole word is the value.
		return { text: before + mask(value) + rest.slice(value.length) };
	}
	return end < 0
		? { text: before + quote + mask(value.slice(1)), open: { kind: 'quote', quote } }
		: { text: before + quote + maskValue(name, value.slice(1, end)) + quote + maskInside(value.slice(end + 1)) };
};

/** Masks a line inside an open key, quote or block; undefined when that has ended before this line. */
const maskInOpen = (line: string, open: Open): { readonly text: string; readonly open?: Open } | undefined => {
	if (boundary.test(line)) {
		return undefined;
	}
	if (open.kind === 'pem') {
		const end = pemEnd.exec(line);
		if (end !== null) {
			return { text: prefixOf(line) + mask(line.slice(prefixOf(line).length, end.index)) + line.slice(end.index) };
		}
		return pemBody.test(line) ? { text: maskRest(line), open } : undefined;
	}
	if (open.kind === 'block') {
		const prefix = prefixOf(line);
		const blank = prefix.length === line.length;
		return blank || indentOf(prefix) > open.indent ? { text: maskRest(line), open } : undefined;
	}
	const end = quoteEnd(line, open.quote, 0);
	return end < 0
		? { text: maskRest(line), open }
		: {
				text:
					prefixOf(line) +
					mask(line.slice(prefixOf(line).length, end)) +
					maskInside(line.slice(Math.max(end, prefixOf(line).length))),
			};
};

const maskLine = (line: string): { readonly text: string; readonly open?: Open } => {
	const begin = pemBegin.exec(line);
	if (begin !== null) {
		const from = begin.index + begin[0].length;
		const rest = line.slice(from);
		const end = pemEnd.exec(rest);
		return end === null
			? { text: maskUrls(line.slice(0, from)) + mask(rest.trimEnd()), open: { kind: 'pem' } }
			: { text: line.slice(0, from) + mask(rest.slice(0, end.index)) + rest.slice(end.index) };
	}
	const setting = maskAtStart(line);
	if (setting !== undefined) {
		return setting;
	}
	const loose = loosePem.exec(line);
	if (loose !== null) {
		return { text: `${loose[1]}${mask(loose[2] ?? '')}${loose[3]}` };
	}
	return { text: maskInside(maskHeaders(maskUrls(line))) };
};

/** Masks line after line, as `maskSecrets` does with a whole text. */
export interface LineMasker {
	/** Masks a line without its end. With `look`, as if it were complete, though it may continue. */
	mask(line: string, look?: 'look'): string;
	/** True while a key, a quoted value or a block continues from line to line. */
	readonly open: boolean;
	/** Treats whatever continues as ended. */
	close(): void;
}

export const createLineMasker = (): LineMasker => {
	let open: Open | undefined;
	return {
		mask: (line, look) => {
			const inside = open === undefined ? undefined : maskInOpen(line, open);
			const { text, open: next } = inside ?? maskLine(line);
			if (look === undefined) {
				open = next;
			}
			return text;
		},
		get open() {
			return open !== undefined;
		},
		close: () => {
			open = undefined;
		},
	};
};

const replaced = (text: string, pattern: RegExp | undefined): string =>
	pattern === undefined ? text : text.replaceAll(pattern, (secret) => mask(secret));

const maskPlain = (text: string, known: RegExp | undefined): string => {
	const masker = createLineMasker();
	// Known values first: of one with a space, its name would mask the first word only.
	return replaced(replaced(text, known), learnedPattern())
		.split('\n')
		.map((line) => masker.mask(line))
		.join('\n');
};

/**
 * Masks what looks like a secret: values of settings whose name says so (`DB_PASSWORD=…`, `"apiKey": "…"`, `--token …`), passwords in
 * URLs, Authorization headers, private keys; also in the lines of a diff, where different values still look different (see `mask`). Also
 * masks the secrets that were learned (`learnSecrets`). Line ends stay. Masking masked text changes nothing. It goes by names and forms: a
 * secret under a harmless name is not found unless it was learned.
 *
 * @param known an expression for more secrets (`formsPattern`)
 */
export const maskSecrets = (text: string, known?: RegExp): Masked<string> => {
	const masked = maskPlain(text, known);
	const plain = withoutColours(text);
	if (plain === text) {
		return masked as Masked<string>;
	}
	// Colours inside of a secret, or between a name and its value, hide both: they are left out then.
	const maskedPlain = maskPlain(plain, known);
	return (maskedPlain === withoutColours(masked) ? masked : maskedPlain) as Masked<string>;
};

/** Returns a plan for display: values of the environment and of inputs whose name looks secret are masked. */
export const maskPlan = (plan: Plan): Plan => ({
	...plan,
	environment: Object.fromEntries(
		Object.entries(plan.environment).map(([name, value]) => [
			name,
			isSecretName(name) ? mask(value) : maskSecrets(value),
		]),
	),
	inputs: plan.inputs.map((input) =>
		isSecretName(input.name)
			? { ...input, value: mask(input.value), label: mask(input.label), detail: mask(input.detail) }
			: input,
	),
});
