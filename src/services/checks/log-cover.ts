import type { Instance } from '../../engine/instance.ts';
import { nanosToMillis, parseMillis } from '../../engine/time.ts';
import type { Extent } from './log-reading.ts';

/** The part of a log that was read without a gap, ms by the host's clock. */
export interface Cover {
	readonly from: number;
	/** True when earlier lines were rotated away, whatever they said. */
	readonly lost: boolean;
}

const sizes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Parses a size as Docker writes it: `10m`, `512k`, `1gb`. Undefined for anything else. */
export const parseLogSize = (text: string | undefined): number | undefined => {
	const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)i?b?\s*$/i.exec(text ?? '') ?? [];
	return number === undefined ? undefined : Number(number) * (sizes[unit.toLowerCase()] ?? 1);
};

/** The size at which a file of a log is rotated, bytes, and how many files are kept. */
interface Rotation {
	readonly size: number;
	readonly files: number;
}

/**
 * Returns how a container's log is rotated; undefined: never. The defaults are those of Docker's drivers: `json-file` keeps one file, and
 * `local`, like the cache for drivers that cannot be read, five of 20 MB.
 */
const rotationOf = ({ log }: Instance): Rotation | undefined => {
	const given = parseLogSize(log?.maxSize);
	const isUnlimited = log === undefined || log.driver === 'json-file' || log.driver === 'journald';
	const size = given ?? (isUnlimited ? undefined : 20e6);
	return size === undefined ? undefined : { size, files: log?.maxFiles ?? (log?.driver === 'json-file' ? 1 : 5) };
};

/** More than any service writes for long, bytes per ms: a rotation takes at least as long as writing its file. */
const floodBytes = 1000;
/** No line takes more bytes of its file than this times its text with the timestamp: a control character is written as `\u001b`. */
const escapedBytes = 6;
/** How long a process floods its log at most before Docker has noted its start, ms: a container may wait much longer for its start. */
const startMs = 100;
/** A first line this late is worth a note, ms: the log may have been truncated by hand. */
const lateMs = 30_000;

/**
 * Returns for how long before its oldest line the container's current process may have written, ms. Docker notes the start once the process
 * is going (`containerStart` of moby's daemon/start.go), on a busy host well after its first lines.
 */
const unseenMs = ({ createdAt, startedAt = createdAt, logFrom = 0n }: Instance, oldest: number): number => {
	const earliest = Math.max(createdAt, nanosToMillis(logFrom));
	const beforeStart = Math.max(0, Math.min(oldest, startedAt) - earliest);
	return Math.max(0, oldest - startedAt) + Math.min(startMs, beforeStart);
};

/** Returns true if the files cannot have been full: the oldest of them is still there. */
const isBelow = ({ bytes }: Extent, { size, files }: Rotation): boolean => bytes * escapedBytes < (files - 1) * size;

/**
 * Returns which part of a container's current process a log covers.
 *
 * @param extent of a read from the container's start on
 * @param linesBefore number of lines of earlier processes that the log still has
 */
export const coverOf = (container: Instance, extent: Extent, linesBefore: number): Cover => {
	const start = container.startedAt ?? container.createdAt;
	const oldest = parseMillis(extent.oldest);
	if (!extent.whole) {
		// Too long to be read completely: earlier lines exist, and were not read.
		return { from: oldest ?? start, lost: false };
	}
	if (oldest === undefined || linesBefore > 0) {
		return { from: start, lost: false };
	}
	const rotation = rotationOf(container);
	const lost =
		rotation !== undefined && rotation.size <= unseenMs(container, oldest) * floodBytes && !isBelow(extent, rotation);
	return { from: lost || oldest - start > lateMs ? Math.max(start, oldest) : start, lost };
};
