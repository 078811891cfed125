import type { Engine } from '../../engine/engine.ts';
import type { LogOptions } from '../../engine/instance.ts';
import { parseNanos } from '../../engine/time.ts';
import { withoutColours } from '../../runbook/colours.ts';
import { createLineCutter } from '../host/line-cutter.ts';

export interface LogLine {
	/** The time when Docker received it: RFC 3339 with nanoseconds, UTC, the host's clock. Sorts as text. */
	readonly stamp: string;
	/** Unsanitised, without its line end, cut at 1 MB. */
	readonly text: string;
}

const maxLineBytes = 1_048_576;
/** Docker keeps a longer line in pieces of this size, and writes the time before each of them. */
const pieceBytes = 16_384;
const stampOfPiece = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /g;
const stampPattern = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?/;

/** A container whose log is read. */
export interface LogSource {
	readonly id: string;
	/** See `LogOptions`. */
	readonly tty: boolean | Promise<boolean>;
}

/** A container's log as lines with Docker's times, both streams in the order Docker gives them. */
export async function* logLines(
	engine: Pick<Engine, 'logs'>,
	container: LogSource,
	options: Omit<LogOptions, 'timestamps' | 'tty'> & {
		/** Called with the number of bytes received. */
		readonly onBytes?: (count: number) => void;
	},
): AsyncGenerator<LogLine, void, undefined> {
	const cutters = { stdout: createLineCutter(maxLineBytes), stderr: createLineCutter(maxLineBytes) };
	let last = '';
	const toLine = (raw: string): LogLine => {
		const stamp = stampPattern.exec(raw);
		last = stamp?.[1] ?? last;
		const text = stamp === null ? raw : raw.slice(stamp[0].length);
		return { stamp: last, text: stamp === null || raw.length <= pieceBytes ? text : text.replaceAll(stampOfPiece, '') };
	};
	const { onBytes, ...logOptions } = options;
	for await (const { stream, bytes } of engine.logs(container.id, {
		...logOptions,
		tty: container.tty,
		timestamps: true,
	})) {
		onBytes?.(bytes.length);
		for (const raw of cutters[stream].push(bytes)) {
			yield toLine(raw);
		}
	}
	for (const raw of [cutters.stdout.end(), cutters.stderr.end()]) {
		if (raw !== undefined) {
			yield toLine(raw);
		}
	}
}

/** Returns the `since` that continues after a line. */
export const after = (stamp: string): bigint | undefined => {
	const nanos = parseNanos(stamp);
	return nanos === undefined ? undefined : nanos + 1n;
};

/** The part of a line that is searched at once, and by how much two parts overlap, characters: some expressions take the square of its length. */
const partLength = 16_384;
const overlap = 1024;

/** A regular expression for log lines. */
export interface LinePattern {
	test(text: string): boolean;
}

/** Compiles a regular expression for log lines: case is ignored, characters are whole (`iu`); colours are no part of a line. */
export const linePattern = (pattern: string): LinePattern => {
	const expression = new RegExp(pattern, 'giu');
	return {
		test: (coloured) => {
			const text = withoutColours(coloured);
			for (let from = 0; ; from += partLength - overlap) {
				expression.lastIndex = from;
				// The line's beginning stays, so that ^ means it.
				if (expression.test(text.slice(0, from + partLength))) {
					return true;
				}
				if (from + partLength >= text.length) {
					return false;
				}
			}
		},
	};
};

/** Returns a test for error lines: those that match, unless they match the exception. */
export const errorTest = (pattern: string, except: string | undefined): ((text: string) => boolean) => {
	const wanted = linePattern(pattern);
	const unwanted = except === undefined ? undefined : linePattern(except);
	return (text) => wanted.test(text) && unwanted?.test(text) !== true;
};
