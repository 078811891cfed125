import type { BackupReading } from '../../runbook/reading.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';

const schema = ({ z, mapping, text, duration, pollInterval }: SchemaParts) =>
	mapping('backups monitor', {
		patterns: z
			.array(text())
			.min(1, 'must not be empty')
			.describe('Files counted as backups: shell patterns, absolute or relative to the directory'),
		warnAfter: duration().prefault('26h').describe('Warn when the newest backup is older'),
		interval: pollInterval().prefault('60s').describe('Time between two polls'),
	});

const build = ({ patterns, warnAfter, interval }: Entry<typeof schema>) => ({
	patterns,
	warnAfterMs: warnAfter,
	intervalMs: interval,
});

/** The pattern of backup files, and the maximum age of the newest, ms. */
export type BackupsMonitor = ReturnType<typeof build>;

/** The newest backup. It is read with the host's other facts (host-facts.ts). */
export const backups = defineMonitor({
	about: 'Age and size of the newest backup',
	schema,
	build,
	reads: 'The newest backup',
	value: ({ backupValue }) => backupValue,
	title: 'backups',
	factTitle: 'backup',
	status: (value: BackupReading | undefined, { safe, age, bytes, now }) => ({
		text:
			value === undefined
				? 'backup'
				: `backup ${safe(value.name)}, ${bytes(value.bytes)}, ${age(now - value.modifiedAt)} old`,
	}),
	facts: ({ name, modifiedAt }) => [name, `of ${new Date(modifiedAt).toISOString()}`],
});
