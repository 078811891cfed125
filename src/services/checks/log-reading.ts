import type { Engine } from '../../engine/engine.ts';
import type { Instance, LogOptions } from '../../engine/instance.ts';
import { type LogLine, type LogSource, logLines } from '../logs/log-lines.ts';

/** How far one reading of a log went. */
export interface Extent {
	readonly lines: number;
	/** How much text they had, with their stamps. */
	readonly bytes: number;
	/** Time of the oldest and of the newest line read; empty when there were none. */
	readonly oldest: string;
	readonly newest: string;
	/** False when older lines may have been left out: by `tail`, or because the reading was broken off. */
	readonly whole: boolean;
	/** It was broken off: newer lines were left out. */
	readonly broken: boolean;
}

/** Limits of a reading. */
export interface Limits {
	readonly maxBytes?: number;
	readonly maxMs?: number;
}

/** Docker counts the lines of `tail` in pieces of this size. */
const pieceBytes = 16_384;

/**
 * Reads a log and gives each line to `take`.
 *
 * @param limits where to break off; what was read until then counts.
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

/** A log of one run of a container: another id or another start is another log. */
export const runKey = ({ id, startedAt }: Instance): string => `${id} ${startedAt}`;
