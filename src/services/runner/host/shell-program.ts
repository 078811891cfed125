import { randomBytes } from 'node:crypto';
import { quote } from '../../host/script.ts';

/** The one command the runner starts on a host. All that varies goes over its standard input. */
export const shellCommand = 'exec sh -s';

/**
 * Quotes text of any length and content for POSIX sh. A NUL byte cannot be part of a shell word, so it is refused
 * with a TypeError instead of being lost on the way.
 */
export const quoteText = (text: string): string => {
	if (text.includes('\0')) {
		throw new TypeError('text for the shell contains a NUL byte');
	}
	return quote(text);
};

/** One assignment a line. Not exported: what is exported here would reach every step of a run. */
export const assignments = (values: Readonly<Record<string, string>>): string =>
	Object.entries(values)
		.map(([name, value]) => `${name}=${quoteText(value)}`)
		.join('\n');

/** A word that neither a login message nor a noisy rc file prints by chance. */
export const newMark = (): string => `backout-${randomBytes(9).toString('hex')}`;

/**
 * Puts a program together for `exec sh -s`. It stands in braces: the shell parses all of it before it runs any of
 * it, so that an upload cut off half-way runs nothing. Once it runs, it says `mark` on both streams: what came
 * before (rc files, banners) is not from it.
 *
 * With `keepInput` the program's standard input is what is sent after it; otherwise it is /dev/null.
 */
export const shellProgram = (
	mark: string,
	values: Readonly<Record<string, string>>,
	texts: readonly string[],
	keepInput = false,
): string =>
	[
		'{',
		`printf '%s\\n' ${quote(mark)}; printf '%s\\n' ${quote(mark)} >&2`,
		assignments(values),
		'{',
		...texts,
		keepInput ? '}' : '} </dev/null',
		'exit; }',
		'',
	].join('\n');

/** What follows the mark's line; undefined when the mark has not come. */
export const afterMark = (bytes: Buffer, mark: string): Buffer | undefined => {
	const at = bytes.indexOf(`${mark}\n`);
	return at < 0 ? undefined : bytes.subarray(at + mark.length + 1);
};
