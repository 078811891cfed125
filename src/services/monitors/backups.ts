import type { BackupReading } from '../../runbook/reading.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';

const schema = ({ z, mapping, text, duration, pollInterval }: SchemaParts) =>
	mapping('backups monitor', {
		patterns: z
			.array(text())
			.min(1, 'must not be empty')
			.describe('Files counted as backups: shell patterns, absolute or relative to the directory'),
		warnAfter: duration().prefault('26h').describe('Warn when the newest backup is older'),
		restoreWithin: duration()
			.optional()
			.describe('Warn when none has been restored for longer, by a restore test or for real'),
		interval: pollInterval().prefault('60s').describe('Time between two polls'),
	});

const build = ({ patterns, warnAfter, restoreWithin, interval }: Entry<typeof schema>) => ({
	patterns,
	warnAfterMs: warnAfter,
	...(restoreWithin !== undefined && { restoreWithinMs: restoreWithin }),
	intervalMs: interval,
});

/** The pattern of backup files, the maximum age of the newest, and the longest time since one was restored, ms. */
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
				: `backup ${safe(value.name)}, ${bytes(value.bytes)}, ${age(now - value.modifiedAt)} old, ${value.restored === undefined ? 'none ever restored' : `one restored ${age(now - value.restored.at)} ago`}`,
	}),
	facts: ({ name, modifiedAt }) => [name, `of ${new Date(modifiedAt).toISOString()}`],
});
