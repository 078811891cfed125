import type { Instance } from '../../engine/instance.ts';
import { parseMillis } from '../../engine/time.ts';
import type { Extent } from './log-reading.ts';

/** From when on a log has been read without a gap, ms by the host's clock. */
export interface Cover {
	readonly from: number;
	/** What came before has been taken away, and may have been anything. */
	readonly lost: boolean;
}

const sizes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Reads a size as Docker writes it: `10m`, `512k`, `1gb`. Undefined for what is none. */
export const parseLogSize = (text: string | undefined): number | undefined => {
	const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?)i?b?\s*$/i.exec(text ?? '') ?? [];
	return number === undefined ? undefined : Number(number) * (sizes[unit.toLowerCase()] ?? 1);
};

/** At what size a file of the log is rotated, bytes; undefined: never. */
const rotatedAt = ({ log }: Instance): number | undefined => {
	const given = parseLogSize(log?.maxSize);
	// The driver `local`, and the cache that Docker keeps for drivers that cannot be read, rotate at 20 MB by themselves.
	return given ?? (log === undefined || log.driver === 'json-file' || log.driver === 'journald' ? undefined : 20e6);
};

/** What no service writes for long, bytes a ms: a rotation takes at least the time that its file takes to be written. */
const floodBytes = 1000;
/** A first line so late, ms, is worth saying: the log may have been cut by hand. */
const lateMs = 30_000;

/**
 * From when on a log covers the run of a container.
 *
 * @param extent of a reading from the container's start on
 * @param linesBefore how many lines of earlier runs the log still has
 */
export const coverOf = (container: Instance, extent: Extent, linesBefore: number): Cover => {
	const start = container.startedAt ?? container.createdAt;
	const oldest = parseMillis(extent.oldest);
	if (!extent.whole) {
		// Too long to be read whole: the lines before are there, and were not looked at.
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
