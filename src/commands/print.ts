import { stripVTControlCharacters } from 'node:util';
import type { CheckState } from '../runbook/check.ts';
import type { ReadingState } from '../runbook/reading.ts';
import { sanitiseText } from '../terminal/sanitise.ts';

/** Colours only on a terminal, and never with NO_COLOR (no-color.org). */
const coloured = (): boolean => process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';

const paint =
	(code: number) =>
	(text: string): string =>
		coloured() ? `\u001B[${code}m${text}\u001B[0m` : text;

export const bold = paint(1);
export const dim = paint(2);
export const red = paint(31);
export const green = paint(32);
export const yellow = paint(33);

/** Writes a line of text to standard output. Text from the host must go through `safe` first. */
export const print = (line = ''): void => {
	process.stdout.write(`${line}\n`);
};

/** One JSON value on one line (NDJSON). */
export const printJson = (value: unknown): void => {
	process.stdout.write(`${JSON.stringify(value)}\n`);
};

/** One line of text from the host, made harmless to the terminal. */
export const safe = (text: string): string => sanitiseText(text);

/** Several lines of text from the host, made harmless to the terminal. */
export const safeLines = (text: string): string => text.split('\n').map(safe).join('\n');

export const indent = (text: string, by = '  '): string =>
	text
		.split('\n')
		.map((line) => by + line)
		.join('\n');

const glyphs: Readonly<Record<CheckState | ReadingState, string>> = {
	passed: green('✓'),
	ok: green('✓'),
	warn: yellow('!'),
	failed: red('✗'),
	down: red('✗'),
	unknown: yellow('?'),
};

/** The sign for a state; a word always stands beside it. */
export const glyph = (state: CheckState | ReadingState): string => glyphs[state];

/** Lines up columns by what is seen, colours not counted. */
export const table = (rows: readonly (readonly string[])[]): string => {
	const width = (text: string) => stripVTControlCharacters(text).length;
	const widths: number[] = [];
	for (const row of rows) {
		row.forEach((cell, index) => {
			widths[index] = Math.max(widths[index] ?? 0, width(cell));
		});
	}
	return rows
		.map((row) =>
			row
				.map((cell, index) => (index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - width(cell))))
				.join('  '),
		)
		.join('\n');
};
