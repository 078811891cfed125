/** Escapes a character for a regular expression. */
const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');
/** Returns an expression for hex digits in either case. */
const anyCase = (digits: string): string => digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** Returns UTF-8 bytes as a string with a character for each byte. */
export const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const controls: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\f': 'f', '\b': 'b' };
const entities: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

const backslash = String.raw`\\`;
/** Maximum number of backslashes before an escaped character: JSON in JSON in JSON. Without a limit, a line of backslashes would take long. */
const most = 8;
const escaping = `${backslash}{1,${most}}`;

/**
 * Returns an expression for a character, or several backslashes, as JSON, URLs, HTML, Go, Python and shells write it. Nobody escapes letters
 * and digits.
 */
const characterForms = (character: string, encoded: (text: string) => string): string => {
	if (/[A-Za-z0-9]/.test(character)) {
		return character;
	}
	if (character.startsWith('\\')) {
		// A backslash is doubled each time that JSON is put into JSON. Several in one expression: apart they would be tried in every division.
		const { length } = character;
		return `(?:${backslash}{${length},${length * 4}}|(?:${escaping}u005[cC]){${length}}|(?:%(?:25){0,3}5[cC]){${length}})`;
	}
	const utf16 = [...Array(character.length).keys()].map((at) => hex(character.charCodeAt(at), 4));
	const utf8 = [...Buffer.from(character.toWellFormed(), 'utf8')].map((byte) => hex(byte, 2));
	const code = character.codePointAt(0) ?? 0;
	const control = controls[character];
	const entity = entities[character];
	return `(?:${[
		`${backslash}{0,${most}}${[...encoded(character)].map(literal).join('')}`,
		...(control === undefined ? [] : [escaping + control]),
		utf16.map((digits) => `${escaping}u${anyCase(digits)}`).join(''),
		...(code > 0xff ? [] : [`${escaping}x${anyCase(hex(code, 2))}`]),
		// Encoded twice, a percent sign is %25.
		utf8.map((digits) => `%(?:25){0,3}${anyCase(digits)}`).join(''),
		...(character === ' ' ? [String.raw`\+`] : []),
		...(entity === undefined ? [] : [`&(?:amp;){0,2}${entity};`, `&#${code};`]),
		// A shell's trace, and quotes in quotes: 'it'\''s', 'it'"'"'s'.
		...(character === "'" ? [String.raw`'\\''`, `'"'"'`] : []),
	].join('|')})`;
};

/** Minimum length of a part of Base64 that is recognised: six characters of it are 36 bits. */
const shortestBase64 = 6;

/** Returns expressions for a value as a part of Base64 text, of either alphabet: beginning at the first, second or third byte of a group. */
const base64Forms = (value: string): readonly string[] =>
	[0, 1, 2].flatMap((offset) => {
		const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value, 'utf8')]);
		// Characters at its edges also depend on its neighbours: any is taken for them.
		const sure = bytes
			.toString('base64')
			.replace(/=+$/, '')
			.slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
		const form = sure.replaceAll('+', '[+-]').replaceAll('/', String.raw`(?:\\{0,8}\/|_)`);
		const part = '[A-Za-z0-9+/_-]?';
		return sure.length < shortestBase64 ? [] : [`${offset === 0 ? '' : part}${form}${part}(?:=|%3D){0,2}`];
	});

/** Lines of a value that say nothing by themselves: the first and last one of a key. */
const shortestLine = 8;
/** These are recognised without being known (`loosePem`). */
const lineOfKey = /^[A-Za-z0-9+/]{60,}={0,2}$/;
/** Each more costs time at every character of a text. */
const mostLines = 20;

/** Returns the values, and each line of those with several: whoever prints them prefixes or wraps their lines. */
const withLines = (known: readonly string[]): readonly string[] => [
	...new Set(
		known.flatMap((value) => [
			value,
			...(value.includes('\n')
				? value
						.split(/\r?\n/)
						.map((line) => line.trim())
						.filter((line) => line.length >= shortestLine && !line.startsWith('-----') && !lineOfKey.test(line))
						.slice(0, mostLines)
				: []),
		]),
	),
];

/** Returns the spellings of values that a text may contain, the longest first: as they are, in JSON, in a URL. */
export const spellingsOf = (known: readonly string[]): readonly string[] =>
	[
		...new Set(
			withLines(known).flatMap((value) => [
				value,
				JSON.stringify(value).slice(1, -1),
				encodeURIComponent(value.toWellFormed()),
			]),
		),
	]
		.filter((value) => value !== '')
		.sort((a, b) => b.length - a.length);

/**
 * Returns an expression that finds these values in a text, in every form in which programs write them: as they are, in JSON, HTML, URLs and
 * Base64, with escapes of shells; undefined when there are none. A longer value is found before one that it contains.
 *
 * @param encoded how the text has its characters: `asBytes` for one with a character for each byte
 */
export const formsPattern = (
	known: readonly string[],
	encoded: (text: string) => string = (text) => text,
): RegExp | undefined => {
	const values = withLines(known)
		.filter((value) => value !== '')
		.sort((a, b) => b.length - a.length);
	const forms = [
		...values.map((value) =>
			(value.match(/\\+|[\s\S]/gu) ?? []).map((character) => characterForms(character, encoded)).join(''),
		),
		...values.flatMap(base64Forms),
	];
	return forms.length === 0 ? undefined : new RegExp(forms.join('|'), 'g');
};
