import type { Engine } from '../../engine/engine.ts';
import type { Instance, LogOptions } from '../../engine/instance.ts';
import { type LogLine, type LogSource, logLines } from '../logs/log-lines.ts';

/** The extent of one read of a log. */
export interface Extent {
	readonly lines: number;
	/** Length of the lines with their timestamps, bytes. */
	readonly bytes: number;
	/** Time of the oldest and of the newest line read; empty when there were none. */
	readonly oldest: string;
	readonly newest: string;
	/** False when older lines may have been left out: by `tail`, or because the read was interrupted. */
	readonly whole: boolean;
	/** True when it was interrupted, so newer lines were left out. */
	readonly broken: boolean;
}

/** Limits of a read. */
export interface Limits {
	readonly maxBytes?: number;
	readonly maxMs?: number;
}

/** Docker counts the lines of `tail` in pieces of this size. */
const pieceBytes = 16_384;

/**
 * Reads a log and passes each line to `take`.
 *
 * @param limits when to stop; the lines read until then count
 */
export const readLog = async (
	engine: Pick<Engine, 'logs'>,
	container: LogSource,
	options: Pick<LogOptions, 'since' | 'until' | 'tail' | 'signal'>,
	take: (line: LogLine) => void,
	limits: Limits = {},
): Promise<Extent> => {
	const { maxBytes = Number.POSITIVE_INFINITY, maxMs = Number.POSITIVE_INFINITY } = limits;
	const beganAt = performance.now();
	let [lines, bytes, oldest, newest] = [0, 0, '', ''];
	let broken = false;
	const count = (more: number) => {
		bytes += more;
	};
	for await (const line of logLines(engine, container, { ...options, onBytes: count })) {
		lines++;
		oldest ||= line.stamp;
		newest = line.stamp || newest;
		take(line);
		if (bytes > maxBytes || (lines % 1000 === 0 && performance.now() - beganAt > maxMs)) {
			broken = true;
			break;
		}
	}
	const pieces = lines + bytes / pieceBytes;
	return {
		lines,
		bytes,
		oldest,
		newest,
		whole: !broken && (options.tail === undefined || pieces < options.tail),
		broken,
	};
};

/** Returns the key of one process of a container: another id or start is another log. */
export const runKey = ({ id, startedAt }: Instance): string => `${id} ${startedAt}`;
