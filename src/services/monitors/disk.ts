import type { DiskReading } from '../../runbook/reading.ts';
import { defineMonitor, type Entry, type SchemaParts } from './monitor-kind.ts';

const schema = ({ mapping, text, percent, pollInterval }: SchemaParts) =>
	mapping('disk monitor', {
		path: text().default('/').describe('A path on the file system to watch'),
		warnAt: percent().prefault('80%').describe('Warn when this much is used'),
		downAt: percent().prefault('95%').describe('The state is down when this much is used'),
		interval: pollInterval().prefault('60s').describe('Time between two polls'),
	});

const build = ({ path, warnAt, downAt, interval }: Entry<typeof schema>) => ({
	path,
	warnPercent: warnAt,
	downPercent: downAt,
	intervalMs: interval,
});

/** The file system, and the usage from which on it counts as full, percent. */
export type DiskMonitor = ReturnType<typeof build>;

/** The usage of a file system. It is read with the host's other facts (host-facts.ts). */
export const disk = defineMonitor({
	about: 'How full a file system is',
	always: true,
	schema,
	build,
	reads: 'The disk',
	value: ({ diskValue }) => diskValue,
	title: 'disk',
	status: (value: DiskReading | undefined, { figure, bytes }) => ({
		text: value === undefined ? 'disk' : `disk ${figure(value.usedPercent)} % used, ${bytes(value.freeBytes)} free`,
	}),
	facts: ({ usedPercent, path }) => [`${Math.round(usedPercent)} % used of ${path}`],
});
