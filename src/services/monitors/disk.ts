import type { DiskReading } from '../../runbook/reading.ts';
import { defineMonitor } from './monitor-kind.ts';

/** How full a file system is. It is read with the host's other facts (host-facts.ts). */
export const disk = defineMonitor({
	about: 'How full a file system is',
	always: true,
	schema: ({ mapping, text, percent, duration }) =>
		mapping('disk monitor', {
			path: text().default('/').describe('A path on the file system to watch'),
			warnAt: percent().prefault('80%').describe('Warn when this much is used'),
			downAt: percent().prefault('95%').describe('Call it down when this much is used'),
			interval: duration().prefault('60s').describe('Time between two looks'),
		}),
	build: ({ path, warnAt, downAt, interval }) => ({
		path,
		warnPercent: warnAt,
		downPercent: downAt,
		intervalMs: interval,
	}),
	reads: 'The disk',
	value: ({ diskValue }) => diskValue,
	title: 'disk',
	status: (value: DiskReading | undefined, { figure, bytes }) => ({
		text: value === undefined ? 'disk' : `disk ${figure(value.usedPercent)} % used, ${bytes(value.freeBytes)} free`,
	}),
	facts: ({ usedPercent, path }) => [`${Math.round(usedPercent)} % used of ${path}`],
});
