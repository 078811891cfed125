import type { Instance } from '../../engine/instance.ts';
import { parseMillis } from '../../engine/time.ts';
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

/** Returns the size at which a file of the log is rotated, bytes; undefined: never. */
const rotatedAt = ({ log }: Instance): number | undefined => {
	const given = parseLogSize(log?.maxSize);
	// The driver `local`, and Docker's cache for drivers that cannot be read, rotate at 20 MB by default.
	return given ?? (log === undefined || log.driver === 'json-file' || log.driver === 'journald' ? undefined : 20e6);
};

/** More than any service writes for long, bytes per ms: a rotation takes at least as long as writing its file. */
const floodBytes = 1000;
/** A first line this late is worth a note, ms: the log may have been truncated by hand. */
const lateMs = 30_000;

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
	if (oldest === undefined || oldest <= start || linesBefore > 0) {
		return { from: start, lost: false };
	}
	const gapMs = oldest - start;
	const size = rotatedAt(container);
	const lost = size !== undefined && size <= gapMs * floodBytes;
	return { from: lost || gapMs > lateMs ? oldest : start, lost };
};
