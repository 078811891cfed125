import * as z from 'zod';
import { parseAddress } from '../address.ts';
import { didYouMean, nearest } from '../did-you-mean.ts';
import { durationPattern, parseDuration } from '../duration.ts';
import { idPattern, isReservedName, variableNamePattern } from '../reserved-names.ts';
import { parseSize, sizePattern } from '../size.ts';

// The building blocks of the schemas of a runbook's keys. Kinds of steps, kinds of checks and monitors receive all of them.
export { z };

const unknownKey = (
	what: string,
	key: string,
	known: readonly string[],
	kinds: readonly string[],
	input: unknown,
	instead: Readonly<Record<string, string>>,
) => {
	if (Object.hasOwn(instead, key)) {
		return `a ${what} is never of kind "${key}": ${instead[key]}`;
	}
	const present = typeof input === 'object' && input !== null ? Object.keys(input) : [];
	// A step `{id, shell}` has no known kind, so the unknown key is most likely meant as one.
	const lacksKind = kinds.length > 0 && !present.some((name) => kinds.includes(name));
	return lacksKind && nearest(key, known) === undefined
		? `unknown ${what} kind "${key}"; a ${what} has one of: ${kinds.join(', ')}`
		: `unknown key "${key}" in ${article(what)} ${what}${didYouMean(key, known, 'known keys')}`;
};

const article = (what: string): string => (/^(?:the|an?) /.test(what) ? '' : /^[aeiou]/.test(what) ? 'an' : 'a');

/**
 * A mapping with exactly these keys. Its unknown keys are reported in one line each, in the order of the issue's `keys` (validate.ts
 * splits them). An element has one of the keys in `kinds`; `instead` names replacements for keys that one might expect.
 */
export const mapping = <Shape extends z.ZodRawShape>(
	what: string,
	shape: Shape,
	kinds: readonly string[] = [],
	instead: Readonly<Record<string, string>> = {},
) =>
	z.strictObject(shape, {
		error: (issue) =>
			issue.code === 'unrecognized_keys'
				? (issue.keys as string[])
						.map((key) => unknownKey(what, key, Object.keys(shape), kinds, issue.input, instead))
						.join('\n')
				: undefined,
	});

export const text = () => z.string().min(1, 'must not be empty');

/** A POSIX sh script. */
export const script = () => z.string().min(1, 'must not be empty');

/** A path below the deployment's directory, relative to it. */
export const pathInDirectory = () =>
	text().regex(
		/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\n\0]+$/,
		'must be relative to the directory, without .. and line ends',
	);

export const id = (what: string) =>
	z.string().regex(idPattern, `${what} is made of a-z, 0-9, - and _, and begins with a letter or digit`);

/** Milliseconds, written like `30s`. */
export const duration = () =>
	z
		.string({
			error: (issue) =>
				typeof issue.input === 'number' ? 'a duration has a unit: 500ms, 30s, 3m, 26h, 7d' : undefined,
		})
		.regex(durationPattern, 'expected a duration such as 500ms, 30s, 3m, 26h or 7d')
		.transform((value) => parseDuration(value) ?? Number.MAX_SAFE_INTEGER);

/** The longest time that a timer of Node can wait, rounded down to days: above 2^31 - 1 ms it fires at once (Node, "Timers"). */
const longestTimer = '24d';

/** A duration that this program waits with a timer, at least `shortest`. */
const timer = (shortest: string) =>
	duration()
		.refine((ms) => ms >= (parseDuration(shortest) ?? 0), `must be ${shortest} or more`)
		.refine((ms) => ms <= (parseDuration(longestTimer) ?? 0), `must be ${longestTimer} or less`);

/** The time between two polls, ms. Its minimum prevents polling without a pause. */
export const pollInterval = () => timer('100ms');

/** A time limit, ms. */
export const timeLimit = () => timer('1ms');

/** A waiting time, ms; 0 is no wait. */
export const waitingTime = () => timer('0s');

/** Bytes, written like `64MB`. */
export const size = () =>
	z
		.string({
			error: (issue) => (typeof issue.input === 'number' ? 'a size has a unit: 512KB, 64MB, 1GB' : undefined),
		})
		.regex(sizePattern, 'expected a size such as 512KB, 64MB or 1GB')
		.transform((value) => parseSize(value) ?? Number.MAX_SAFE_INTEGER);

const percentMessage = 'expected a percentage from 0% to 100%';

/** A share of 100, written like `80` or `80%`. */
export const percent = () =>
	z
		.union(
			[
				z.number().min(0, percentMessage).max(100, percentMessage),
				z.string().regex(/^(?:100|\d{1,2})%?$/, percentMessage),
			],
			{ error: percentMessage },
		)
		.transform((value) => Number(String(value).replace('%', '')));

// A copy of the one in errors.ts, which imports plans, and so these schemas.
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Text that is kept unchanged if `read` accepts it; errors of `read` are reported in the words of `wrong`. An error with a number `at`
 * is about that character of the text, and is reported there.
 */
export const readable = (read: (value: string) => unknown, wrong: (error: unknown) => string = messageOf) =>
	text().superRefine((value, context) => {
		try {
			read(value);
		} catch (error) {
			const { at } = error as { at?: unknown };
			context.addIssue({ code: 'custom', message: wrong(error), ...(typeof at === 'number' && { params: { at } }) });
		}
	});

/** A JavaScript regular expression, kept as text after a test that it compiles with the flags it will be used with. */
export const regex = (flags: 'u' | 'iu') =>
	readable(
		(value) => new RegExp(value, flags),
		(error) => `not a regular expression: ${messageOf(error).replace(/^Invalid regular expression: /, '')}`,
	);

export const url = () =>
	text().superRefine((value, context) => {
		const message = !/^https?:\/\//.test(value)
			? 'expected a URL that begins with http:// or https://'
			: !URL.canParse(value)
				? 'not a URL: its host name or its port is not right'
				: new URL(value).port === '0'
					? 'a port is from 1 to 65535'
					: undefined;
		if (message !== undefined) {
			context.addIssue({ code: 'custom', message });
		}
	});

/** A host and a TCP port. */
export const address = () => readable(parseAddress);

/** The machine that makes an HTTP request. */
export const through = () =>
	z
		.enum(['host', 'direct'])
		.default('host')
		.describe('Where the request is made from: on the host through the SSH connection, or directly from this machine');

/** The name of an environment variable on this machine. */
const environmentName = () => z.string().regex(/^[A-Za-z_]\w*$/, 'expected the name of an environment variable');

/** A token of RFC 9110. */
const headerNamePattern = /^[!#$%&'*+.^`|~\w-]+$/;
const headerNameMessage = 'not a name of a header';

/** A header's value, given literally or taken from the environment of this machine. */
const headerValue = () =>
	z.union(
		[
			z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a header is one line of Latin-1 text'),
			mapping('header', {
				env: environmentName().describe(
					'A variable of the environment of this machine, or of the file .env beside the config; its value is never shown',
				),
				prefix: z.string().default('').describe('Comes before the value, such as "Bearer "'),
			}),
		],
		{ error: 'expected a text, or a mapping with env' },
	);

/** A path on this machine or on the host, outside of any user's folder. */
const absolutePath = () => text().regex(/^\/[^\n\0]+$/, 'expected an absolute path');

/** The keys of everything that makes HTTP requests, besides the URL and the times. */
export const request = () => ({
	through: through(),
	headers: z
		.record(z.string().regex(headerNamePattern, headerNameMessage), headerValue())
		.optional()
		.describe('Headers of the request; Host names a virtual host'),
	socket: absolutePath()
		.optional()
		.describe('A Unix socket to send the request to, where it is made from; the URL still gives path and Host'),
	servername: text()
		.optional()
		.describe('The name that the certificate must be for, and that TLS asks for; default: the host name of the URL'),
	ca: text()
		.optional()
		.describe(
			"A PEM file of this machine with the certificates that are trusted in place of the system's; relative to the config",
		),
	fingerprint: z
		.string()
		.regex(
			/^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/,
			'expected the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, also with colons between',
		)
		.transform((value) => value.replaceAll(':', '').toUpperCase())
		.optional()
		.describe('The SHA-256 fingerprint of the one certificate that is accepted, whoever signed it, whatever its name'),
});

const statusMessage = 'expected an HTTP status, such as 200, or a class of them, such as 2xx';
const status = () =>
	z.union(
		[
			z.int(statusMessage).min(100, statusMessage).max(599, statusMessage),
			z.string().regex(/^[1-5]xx$/, statusMessage),
		],
		{ error: statusMessage },
	);

/** The expected response to an HTTP request. */
export const expectation = () =>
	mapping('expectation', {
		status: z
			.union([status(), z.array(status()).min(1, 'must not be empty')], { error: statusMessage })
			.default(200)
			.describe('The expected HTTP status, a class of them such as 2xx, or a list of both'),
		body: regex('u').optional().describe('A regular expression (JavaScript, flag u) that the body must match'),
		headers: z
			.record(z.string().regex(headerNamePattern, headerNameMessage), regex('u'))
			.optional()
			.describe(
				'Regular expressions (JavaScript, flag u) that the values of these headers of the response must match; one that is missing counts as empty',
			),
		within: timeLimit().optional().describe('The longest time until the end of the response; a slower one fails'),
	})
		.prefault({})
		.describe('The expected answer');

/** A value that `false` removes, so that an extending runbook can drop what it inherits. */
export const removable = <Schema extends z.ZodType>(schema: Schema, what: string) =>
	z
		.union([z.literal(false), schema], { error: 'expected a mapping, or false to remove what is inherited' })
		.optional()
		.describe(`${what}; false removes what is inherited`);

/** The name of a variable or an input, which becomes an environment variable of every script. */
export const variableName = () =>
	z
		.string()
		.regex(variableNamePattern, 'a name is made of a-z, 0-9 and _, and begins with a letter')
		.refine((name) => !isReservedName(name), 'this name is set by the program or read by others; choose another');

export const variables = () =>
	z.record(
		variableName(),
		z
			.union([z.string(), z.number(), z.boolean(), z.null()], { error: 'expected a text, a number, true or false' })
			.transform((value) => (value === null ? '' : String(value))),
	);
