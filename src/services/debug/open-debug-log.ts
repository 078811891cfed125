import { fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { BackoutError, messageOf } from '../../runbook/errors.ts';
import { fromMasked, type Masked } from '../../runbook/masked.ts';
import { maskFields } from '../../runbook/secrets-deep.ts';
import { jsonText } from '../../terminal/json-text.ts';
import type { DebugLog, DebugWriter } from './debug-log.ts';
import { recordedHost } from './recorded-host.ts';
import { createRecords } from './records.ts';

/** Maximum size of the file, bytes: a dashboard that is open for days must not fill the disk. */
const maxBytes = 64 * 1024 * 1024;
/** Shorter values appear everywhere by chance, and masking them would make the log unreadable. */
const shortestSecret = 6;

/**
 * Opens the debug log: NDJSON, appended to the file, which only its owner may read. Each line has `at` (ISO 8601), `ms` since the log was
 * opened, and `event`. Lines are written at once, so a crash loses none. Throws `usage` when the file cannot be written. If the disk fills
 * up later, only the log ends.
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
			next: 'name a file in an existing folder that you can write to',
			cause: error,
		});
	}
	const startedAt = performance.now();
	let known: readonly string[] = [];
	let ended = false;
	const append = (fields: Masked<Readonly<Record<string, unknown>>>) => {
		const ms = Math.round(performance.now() - startedAt);
		const line = fromMasked(fields, (all) => `${jsonText({ at: new Date().toISOString(), ms, ...all })}\n`);
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
				append(maskFields({ event: 'log-full', bytes: size }, known));
				ended = true;
				return;
			}
			append(maskFields({ event, ...fields }, known));
		},
		addSecrets: (values) => {
			const all = new Set([...known, ...values.filter((value) => value.length >= shortestSecret)]);
			known = [...all].sort((a, b) => b.length - a.length);
		},
	};
	return { ...writer, ...createRecords(writer), host: (host) => recordedHost(host, writer) };
};
