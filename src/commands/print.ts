import { stripVTControlCharacters } from 'node:util';
import type { Tone } from '../components/line.ts';
import { depthOf, paletteOf, toned } from '../components/theme.ts';
import type { CheckState } from '../runbook/check.ts';
import { fromMasked, type Masked } from '../runbook/masked.ts';
import { type ThemeName, themeNames } from '../runbook/preferences.ts';
import type { ReadingState } from '../runbook/reading.ts';
import type { Report } from '../runbook/report/report.ts';
import { maskSecrets } from '../runbook/secrets.ts';
import { maskDeep } from '../runbook/secrets-deep.ts';
import { cellWidth } from '../terminal/cells.ts';
import { jsonText } from '../terminal/json-text.ts';
import { sanitiseText } from '../terminal/sanitise.ts';
import type { Output } from './output/events.ts';

let theme: ThemeName = 'dark';

/** Sets the theme of everything that is printed later. */
export const printInTheme = (name: ThemeName): void => {
	theme = name;
};

const tones = ['strong', 'muted', 'bad', 'good', 'warn'] as const;

/** Prints for the dashboard after its screen has closed. */
export const afterScreen = {
	onTheme: printInTheme,
	onLeft: (lines: readonly string[]): void => {
		for (const line of lines) {
			print(safe(line));
		}
	},
};

/** Colours only on a terminal, and never with NO_COLOR (no-color.org). */
const paint =
	(tone: (typeof tones)[number] & Tone) =>
	(text: string): string => {
		const depth = depthOf(process.env);
		return process.stdout.isTTY === true && depth !== 'none' ? toned(text, paletteOf(theme, depth)[tone]) : text;
	};

// Named after their look in the default theme.
export const bold = paint('strong');
export const dim = paint('muted');
export const red = paint('bad');
export const green = paint('good');
export const yellow = paint('warn');

/** Sanitises one line of text from the host. */
export const safe = (text: string): string => sanitiseText(text);

/** Exactly what `paint` writes. */
const ownColour = new RegExp(
	`(\\u001B\\[(?:0|${[
		...new Set(
			themeNames.flatMap((name) =>
				(['sixteen', 'many'] as const).flatMap((depth) => tones.map((tone) => paletteOf(name, depth)[tone])),
			),
		),
	].join('|')})m)`,
);

/** Allows only our own colours and line ends in printed text, in case `safe` was forgotten somewhere. */
export const harmless = (text: string): string =>
	/[^\n -~]/.test(text)
		? text
				.split('\n')
				.map((line) =>
					line
						.split(ownColour)
						.map((part, index) => (index % 2 === 1 ? part : safe(part)))
						.join(''),
				)
				.join('\n')
		: text;

/** Writes masked text to standard output, and a line end. Text from the host must go through `safe` first. */
export const printMasked = (text: Masked<string>): void => {
	process.stdout.write(`${harmless(text)}\n`);
};

/** Masks a line of text and writes it to standard output, as `printMasked`. */
export const print = (line = ''): void => printMasked(maskSecrets(line));

/** Masks a line of text and writes it to standard error, like `printMasked`; without colours if that is not a terminal. */
export const printError = (line = ''): void => {
	const text: Masked<string> = maskSecrets(process.stderr.isTTY === true ? line : stripVTControlCharacters(line));
	process.stderr.write(`${harmless(text)}\n`);
};

let about: string | undefined;

/** Makes JSON lines from now on name this target; undefined: only those that always do. */
export const linesAbout = (target: string | undefined): void => {
	about = target;
};

/** Writes one JSON value on one line (NDJSON) to standard output. */
export const printJson = (value: Masked<Output | Report>): void => {
	const target = about;
	const line =
		target === undefined || 'target' in value
			? value
			: fromMasked(value, (all) => ({ ...all, target }) as Output | Report);
	process.stdout.write(`${jsonText(line)}\n`);
};

/** Returns a line of the JSON output with its strings masked. */
export const masked = (line: Output): Masked<Output> => maskDeep(line);

/** Sanitises several lines of text from the host. */
export const safeLines = (text: string): string => text.split('\n').map(safe).join('\n');

export const indent = (text: string, by = '  '): string =>
	text
		.split('\n')
		.map((line) => by + line)
		.join('\n');

/** Returns the sign for a state; it is always shown beside a word. */
export const glyph = (state: CheckState | ReadingState): string => {
	switch (state) {
		case 'passed':
		case 'ok':
			return green('✓');
		case 'failed':
		case 'down':
			return red('✗');
		default:
			return yellow(state === 'warn' ? '!' : '?');
	}
};

/** Aligns columns by what is visible, without counting colours. */
export const table = (rows: readonly (readonly string[])[]): string => {
	const width = (text: string) => cellWidth(stripVTControlCharacters(text));
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
