import { bytes } from '../../components/figures.ts';
import { ago } from '../../components/format-time.ts';
import { staleLabel, unknownRow } from '../../components/freshness.ts';
import { justify, type Line, span } from '../../components/line.ts';
import { bar, sparkline } from '../../components/sparkline.ts';
import { readingSigns } from '../../components/status-icons.ts';
import { fadedRow } from '../../components/table.ts';
import {
	type BackupReading,
	type DiskReading,
	isWatched,
	type LogErrorsReading,
	type Reading,
	type ReadingState,
} from '../../runbook/reading.ts';
import type { Readings } from '../../stores/workspace.ts';
import type { MonitorPanel } from './monitor-panel.ts';

export interface HostReadings {
	readonly backups: Reading<BackupReading>;
	readonly disk: Reading<DiskReading>;
	readonly logErrors: Reading<LogErrorsReading>;
}

const worse: readonly ReadingState[] = ['ok', 'unknown', 'warn', 'down'];

/** Names the worst of the three; else says that they are well. */
export const hostSummary = (readings: HostReadings, now: number): Line => {
	const named = [
		{ name: 'disk', reading: readings.disk },
		{ name: 'backups', reading: readings.backups },
		{ name: 'log errors', reading: readings.logErrors },
	].filter(({ reading }) => isWatched(reading));
	const old = named.find(({ reading }) => staleLabel(reading, now) !== '');
	const worst = named.reduce((a, b) => (worse.indexOf(b.reading.state) > worse.indexOf(a.reading.state) ? b : a));
	const sign = readingSigns[worst.reading.state];
	if (old !== undefined) {
		return [span(`◔ ${old.name} ${staleLabel(old.reading, now)}`, 'warn')];
	}
	if (worst.reading.state === 'ok') {
		return [span('● ok', 'good')];
	}
	return [span(`${sign.glyph} ${worst.name} ${sign.word}`, sign.tone)];
};

const row = <T>(
	title: string,
	reading: Reading<T>,
	{ now, width }: { readonly now: number; readonly width: number },
	say: (value: T) => Line,
	/** Whether what is said of the value is the whole reason of its state. */
	saysWhy: (value: T) => boolean = () => false,
): Line => {
	if (reading.value === undefined) {
		return [span(' '), ...unknownRow(reading, title.trim())];
	}
	const sign = readingSigns[reading.state];
	const stale = staleLabel(reading, now);
	const body: Line = [span(` ${sign.glyph} `, sign.tone), span(`${title} `), ...say(reading.value)];
	const why =
		reading.state === 'ok' || reading.reason === undefined || saysWhy(reading.value) ? '' : `  ${reading.reason}`;
	return stale === ''
		? [...body, span(why, sign.tone)]
		: justify(fadedRow(body), [span(` ◔ ${stale} `, 'warn')], width);
};

/** Returns how full it is: in words, and as a bar if there is room. */
const diskLabel = ({ usedPercent, freeBytes }: DiskReading, width: number, state: ReadingState): Line => {
	const used = `${Math.round(usedPercent)}%`;
	const free = `  ${bytes(freeBytes)} free`;
	const room = Math.min(12, width - 12 - used.length - free.length);
	return room < 4
		? [span(`${used} used`, 'strong'), span(free, 'muted')]
		: [
				span(`${bar(usedPercent / 100, room)} `, state === 'ok' ? 'muted' : readingSigns[state].tone),
				span(used, 'strong'),
				span(free, 'muted'),
			];
};

const restoredWord = ({ restored }: BackupReading, now: number): string =>
	restored === undefined ? '' : `, one restored ${ago(now - restored.at)}`;

/** Returns the newest backup, the disk, and errors per minute in the log. */
export const hostRows = (readings: HostReadings, now: number, width: number): Line[] => [
	row('Backup', readings.backups, { now, width }, (value) => [
		span(ago(now - value.modifiedAt), 'strong'),
		span(`  ${bytes(value.bytes)}, ${value.count} kept${restoredWord(value, now)}`, 'muted'),
	]),
	row('Disk  ', readings.disk, { now, width }, (value) => diskLabel(value, width, readings.disk.state)),
	row(
		'Errors',
		readings.logErrors,
		{ now, width },
		(value) => [
			span(`${value.perMinute}/min`, 'strong'),
			span(` ${sparkline(value.history, Math.min(20, value.history.length), true)}`, 'accent'),
		],
		({ perMinute }) => perMinute > 0,
	),
];

const hostNow = ({ backups, disk, logErrors }: Readings): HostReadings => ({
	backups: backups.get(),
	disk: disk.get(),
	logErrors: logErrors.get(),
});

export const hostPanel: MonitorPanel = {
	title: 'Host',
	sources: ({ backups, disk, logErrors }) => [backups, disk, logErrors],
	summary: (readings, now) => hostSummary(hostNow(readings), now),
	rows: (readings, now, width) => hostRows(hostNow(readings), now, width),
	contentRows: () => 3,
	usualRows: 3,
};
