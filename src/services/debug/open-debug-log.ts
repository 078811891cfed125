import { fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import { isSecretName } from '../../runbook/secret-names.ts';
import { mask } from '../../runbook/secrets.ts';
import { maskText } from '../../runbook/secrets-deep.ts';
import { jsonText } from '../../terminal/json-text.ts';
import type { DebugLog, DebugWriter } from './debug-log.ts';
import { recordedHost } from './recorded-host.ts';
import { createRecords } from './records.ts';

/** The file ends here, bytes: a dashboard that is open for days must not fill the disk. */
const maxBytes = 64 * 1024 * 1024;
/** Shorter values are found everywhere by chance, and masking them would make the log unreadable. */
const shortestSecret = 6;

/** The value with its strings masked, and errors as their text. */
const masked = (value: unknown, known: readonly string[]): unknown => {
	if (typeof value === 'string') {
		return maskText(value, known);
	}
	if (value instanceof Error) {
		return maskText(value.stack ?? value.message, known);
	}
	if (Array.isArray(value)) {
		return value.map((item) => masked(item, known));
	}
	if (typeof value !== 'object' || value === null) {
		return typeof value === 'bigint' ? String(value) : value;
	}
	return Object.fromEntries(
		Object.entries(value).map(([name, item]) => [
			name,
			typeof item === 'string' && isSecretName(name) ? mask(item) : masked(item, known),
		]),
	);
};

/**
 * Opens the debug log: NDJSON, added to the end of the file, which only its owner may read. Each line has `at` (ISO 8601), `ms`
 * since the log was opened, and `event`. Lines are written at once, so that a crash loses none. Throws `usage` when the file
 * cannot be written. A disk that fills up later ends the log and nothing else.
 */
export const openDebugLog = (file: string): DebugLog => {
	let descriptor: number;
	let size: number;
	try {
		descriptor = openSync(file, 'a', 0o600);
		const found = fstatSync(descriptor);
		if (found.isFile()) {
			fchmodSync(descriptor, 0o600);
		}
		size = found.size;
	} catch (error) {
		throw new BackoutError('usage', `cannot write the debug log: ${messageOf(error)}`, {
			next: 'name a file in a folder that is there and that you may write to',
			cause: error,
		});
	}
	const startedAt = performance.now();
	let known: readonly string[] = [];
	let ended = false;
	const append = (fields: Readonly<Record<string, unknown>>) => {
		const ms = Math.round(performance.now() - startedAt);
		const line = `${jsonText({ at: new Date().toISOString(), ms, ...fields })}\n`;
		try {
			size += writeSync(descriptor, line);
		} catch {
			ended = true;
		}
	};
	const writer: DebugWriter = {
		write: (event, fields) => {
			if (ended) {
				return;
			}
			if (size > maxBytes) {
				append({ event: 'log-full', bytes: size });
				ended = true;
				return;
			}
			append({ event, ...(masked(fields, known) as Readonly<Record<string, unknown>>) });
		},
		addSecrets: (values) => {
			const all = new Set([...known, ...values.filter((value) => value.length >= shortestSecret)]);
			known = [...all].sort((a, b) => b.length - a.length);
		},
	};
	return { ...writer, ...createRecords(writer), host: (host) => recordedHost(host, writer) };
};
