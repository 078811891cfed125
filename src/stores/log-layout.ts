import { type LookChange, type SafeLine, sanitiseText } from '../terminal/sanitise.ts';
import type { SgrStyle } from '../terminal/sgr.ts';
import { type LogLevel, levelOfText, levelOfValue } from './log-level.ts';

/** SGR parameters for the lines of a log; empty for the terminal's default. */
export interface LogPalette {
	readonly bad: string;
	readonly warn: string;
	readonly muted: string;
}

export interface LogLook {
	readonly palette: LogPalette;
	/** True: JSON stays as it is; otherwise it is shown as time, level, message and fields. */
	readonly raw: boolean;
	/** True when the runbook calls this line an error, whatever the line itself says. */
	readonly isError: boolean;
}

/** Longer lines are shown as they are: parsing them as JSON would delay the frame. */
const longestJson = 16_384;

// `log.level` is a field of the Elastic Common Schema.
const levelKeys = ['level', 'severity', 'lvl', 'levelname', 'log.level', 'loglevel'];
const messageKeys = ['message', 'msg', 'event', 'log'];
const timeKeys = ['timestamp', 'time', 'ts', '@timestamp', 't', 'datetime', 'asctime'];

const stamp =
	/^(?:(?:ts|time|t)=(?:"[^"]*"|\S+)|\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?\]?|\d\d:\d\d:\d\d(?:[.,]\d+)?)(?=\s|$)/;

/** Returns a line with its JSON laid out, or coloured by its level; a line with colours of its own keeps them. */
export const layLogLine = (line: SafeLine, look: LogLook): SafeLine => {
	const json = line.text.charCodeAt(0) === 0x7b ? readJson(line.text) : undefined;
	if (json !== undefined && !look.raw) {
		return layJson(json, look);
	}
	if (line.looks.length > 0) {
		return line;
	}
	const level = look.isError ? 'error' : json === undefined ? levelOfText(line.text) : levelIn(json);
	const code = codeOf(level, look.palette);
	const time = stamp.exec(line.text)?.[0].length ?? 0;
	if (code === '' && (time === 0 || look.palette.muted === '')) {
		return line;
	}
	const looks: LookChange[] = time > 0 ? [{ start: 0, look: styleOf(look.palette.muted) }] : [];
	return { text: line.text, looks: [...looks, { start: time, look: styleOf(code) }] };
};

/** True when a line is JSON that is laid out unless it is shown raw. */
export const isLaidOut = (text: string): boolean => text.charCodeAt(0) === 0x7b && readJson(text) !== undefined;

type Json = Readonly<Record<string, unknown>>;

/** Returns a line's object if it is an entry of a log: one with a message. */
const readJson = (text: string): Json | undefined => {
	if (text.length > longestJson || !text.trimEnd().endsWith('}')) {
		return undefined;
	}
	try {
		const json = JSON.parse(text) as Json;
		return messageKeys.some((key) => typeof json[key] === 'string') ? json : undefined;
	} catch {
		return undefined;
	}
};

const keyIn = (json: Json, keys: readonly string[]): string | undefined =>
	keys.find((key) => typeof json[key] === 'string' || typeof json[key] === 'number');

const levelIn = (json: Json): LogLevel | undefined => {
	const key = keyIn(json, levelKeys);
	return key === undefined ? undefined : levelOfValue(json[key]);
};

const codeOf = (level: LogLevel | undefined, { bad, warn, muted }: LogPalette): string =>
	level === 'error' ? bad : level === 'warning' ? warn : level === 'debug' ? muted : '';

const styleOf = (code: string): SgrStyle => (code === '' ? {} : { code });

/** Returns time, level, message, then the other fields in the order of the line. */
const layJson = (json: Json, { palette, isError }: LogLook): SafeLine => {
	const timeKey = keyIn(json, timeKeys);
	const levelKey = keyIn(json, levelKeys);
	const messageKey = messageKeys.find((key) => typeof json[key] === 'string') ?? '';
	const level = isError ? 'error' : levelIn(json);
	let text = '';
	const looks: LookChange[] = [];
	const add = (part: string, code: string) => {
		looks.push({ start: text.length, look: styleOf(code) });
		text += part;
	};
	if (timeKey !== undefined) {
		add(`${timeOf(json[timeKey])} `, palette.muted);
	}
	if (levelKey !== undefined) {
		add(`${levelWord(json[levelKey]).padEnd(5)} `, codeOf(level, palette));
	}
	add(oneRow(String(json[messageKey])), codeOf(level, palette));
	for (const [key, value] of Object.entries(json)) {
		if (key !== timeKey && key !== levelKey && key !== messageKey) {
			add(`  ${oneRow(key)}=`, palette.muted);
			add(shownValue(value), '');
		}
	}
	return { text, looks };
};

const numbered: Readonly<Record<LogLevel, string>> = { error: 'ERROR', warning: 'WARN', info: 'INFO', debug: 'DEBUG' };

const levelWord = (value: unknown): string =>
	typeof value === 'number' ? numbered[levelOfValue(value) ?? 'info'] : oneRow(String(value)).toUpperCase();

/** Returns a time as written; one in seconds or ms since the epoch as ISO 8601. */
const timeOf = (value: unknown): string => {
	if (typeof value !== 'number') {
		return oneRow(String(value));
	}
	const date = new Date(value < 1e11 ? value * 1000 : value);
	return Number.isNaN(date.getTime()) ? String(value) : date.toISOString();
};

const shownValue = (value: unknown): string => {
	const text = typeof value === 'string' ? value : JSON.stringify(value);
	return oneRow(
		typeof value === 'string' && /^$|[\s"=]/.test(value) && !value.includes('\n') ? JSON.stringify(value) : text,
	);
};

// Escapes in JSON may contain what must never reach a terminal.
const oneRow = (text: string): string => sanitiseText(text.replaceAll('\n', ' ⏎ '));
